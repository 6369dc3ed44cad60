//! Processes that the bench starts, and what the kernel says that they took (proc(5)).

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that is ended when this is dropped.
pub(super) struct Running(Child);

impl Running {
    /// Starts it without input or output.
    pub(super) fn start(command: &mut Command) -> Result<Self, String> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let shown = format!("{command:?}");
        command
            .spawn()
            .map(Self)
            .map_err(|e| format!("{shown}: {e}"))
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Tells it to end and waits until it has.
    pub(super) fn end(mut self) -> Result<(), String> {
        let pid = self.pid().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status();
        told.map_err(|e| format!("kill: {e}"))?;
        self.0.wait().map(drop).map_err(|e| e.to_string())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// What some processes took.
pub(super) struct Used {
    pub(super) cores: f64,
    /// Resident memory at the beginning, halfway, and at the end.
    pub(super) memory_mb: [f64; 3],
}

impl Used {
    /// Of processes, over so long from now.
    pub(super) fn over(pids: &[u32], time: Duration) -> Result<Self, String> {
        let (began, cpu) = (Instant::now(), cpu_s(pids)?);
        let mut memory_mb = [memory_mb(pids)?, 0.0, 0.0];
        for half in memory_mb.iter_mut().skip(1) {
            std::thread::sleep(time / 2);
            *half = self::memory_mb(pids)?;
        }
        Ok(Self {
            cores: (cpu_s(pids)? - cpu) / began.elapsed().as_secs_f64(),
            memory_mb,
        })
    }
}

/// Processor time of user and system, seconds (fields 14 and 15 of `stat`, in ticks of 1/100 s).
fn cpu_s(pids: &[u32]) -> Result<f64, String> {
    let mut ticks = 0;
    for pid in pids {
        let stat = read(&format!("/proc/{pid}/stat"))?;
        // The name in parentheses may hold spaces; what follows it begins with field 3.
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let fields: Vec<&str> = after.split_whitespace().collect();
        ticks += [11, 12]
            .iter()
            .filter_map(|n| fields.get(*n)?.parse::<u64>().ok())
            .sum::<u64>();
    }
    Ok(ticks as f64 / 100.0)
}

/// Resident memory, MB.
fn memory_mb(pids: &[u32]) -> Result<f64, String> {
    let mut kib = 0.0;
    for pid in pids {
        let status = read(&format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
        let number = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
        kib += number.unwrap_or(0.0);
    }
    Ok(kib / 1024.0)
}

/// How busy the machine is: processes that want to run, over the last minute.
pub(super) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(Path::new(path)).map_err(|e| format!("{path}: {e} (has it ended?)"))
}
