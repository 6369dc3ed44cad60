//! A writer that is killed at any moment loses nothing that it acknowledged.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{Centre, draft, recorded};
use truceline_record::log::disk::SystemDisk;
use truceline_record::{Folder, Writer};

const FOLDER: &str = "TRUCELINE_TEST_RECORD";
const KILLS: u32 = 100;
/// Small, so that kills also fall into the beginning of a new journal.
const SETTLE_BYTES: u64 = 48 << 10;

/// Not a test of its own: what the test below starts and kills. It appends from four threads, and
/// tells each place and name once it is acknowledged.
#[test]
fn child_appends_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let key = Centre::key();
    let folder = Folder::new(folder.as_ref());
    let (writer, recovery) =
        Writer::open_on(Arc::new(SystemDisk), SETTLE_BYTES, &folder, &key, || {
            recorded(1)
        })
        .unwrap();
    let tell = |line: String| std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    tell(format!("\nopened {}\n", recovery.size));
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (writer, tell) = (&writer, &tell);
            scope.spawn(move || {
                for n in 0.. {
                    let drafts = (0..1 + n % 5)
                        .map(|k| draft(thread << 24 | n << 4 | k))
                        .collect();
                    for appended in writer.append_all(drafts).unwrap() {
                        tell(format!(
                            "acknowledged {} {}\n",
                            appended.index, appended.leaf
                        ));
                    }
                }
            });
        }
    });
}

#[test]
fn a_hundred_kills_lose_nothing_acknowledged() {
    let centre = Centre::new();
    let begun = Instant::now();
    let (mut acknowledged, mut opened, mut replayed, mut torn) = (Vec::new(), 0, 0, 0);
    // Any sequence does; this one is the same every time, the machine's timing is not.
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..KILLS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::child_appends_until_killed",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(FOLDER, centre.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (opened_now, wait) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut told = Vec::new();
            for line in lines.map_while(Result::ok) {
                if line.starts_with("opened") {
                    opened_now.send(()).unwrap_or_default();
                }
                told.push(line);
            }
            told
        });
        // One kill in four falls into the opening, the others into the appending.
        if !random.is_multiple_of(4) {
            wait.recv_timeout(Duration::from_secs(10)).unwrap();
        }
        std::thread::sleep(Duration::from_micros(random % 25_000));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in reader.join().unwrap() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["acknowledged", index, leaf] => {
                    acknowledged.push((index.parse::<u64>().unwrap(), leaf.parse().unwrap()))
                }
                ["opened", _] => opened += 1,
                _ => {}
            }
        }
        // The next child finds what this one left, and so does this test, now and then.
        if random.is_multiple_of(5) {
            let folder = Folder::new(&centre.path());
            let (_, recovery) = Writer::open(&folder, &centre.key, || recorded(1)).unwrap();
            replayed += recovery.replayed;
            torn += recovery.dropped_bytes;
        }
    }
    let record = centre.open();
    let log = record.log().unwrap();
    let leaves: Vec<_> = log
        .entries(0)
        .verified()
        .map(|leaf| leaf.unwrap().hash())
        .collect();
    for (index, leaf) in &acknowledged {
        assert_eq!(
            leaves.get(*index as usize),
            Some(leaf),
            "entry {index} was acknowledged and is lost"
        );
    }
    println!(
        "{KILLS} kills in {:.1} s: opened {opened} times, {} entries, {} acknowledged, \
         {replayed} replayed and {torn} bytes dropped when looked",
        begun.elapsed().as_secs_f64(),
        log.size(),
        acknowledged.len()
    );
    assert!(
        opened >= KILLS / 2 && acknowledged.len() > 200,
        "the kills came too early to mean anything"
    );
}
