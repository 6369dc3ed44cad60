use proptest::prelude::*;

use super::*;

fn refused(text: &str) -> String {
    text.parse::<Source>().unwrap_err().to_string()
}

#[test]
fn addresses_of_every_kind_are_read() {
    for text in [
        "udp://239.1.2.3:5004?interface=192.0.2.1&buffer_kib=1024",
        "udp://:5004",
        "udp://@:5004",
        "udp://[ff02::1]:5004?interface=lo",
        "rtp://0.0.0.0:5006?reorder_ms=100",
        "rtsp://user:p%40ss@camera.example/one?x=1#transport=udp",
        "srt://host:9000?mode=caller&stream_id=drone-1&latency_ms=200",
        "srt://:9000?mode=listener",
        "http://host/stream.ts?key=1#timeout_s=5",
        "https://host:8443/stream.ts#ca=ca.pem",
        "tcp://host:5000",
        "tls://host:5001?cert=a.pem&key=a.key",
        "file:recordings/one.ts",
        "-",
        "mavlink+udp://:14550",
        "mavlink+udp://vehicle?mode=connect",
        "mavlink+tcp://vehicle",
        "mavlink+serial:/dev/ttyUSB0?baud=57600",
        "cot+udp://239.2.3.1?interface=eth0",
        "cot+tcp://tak.example",
        "cot+tls://tak.example?ca=ca.pem&cert=me.pem&key=me.key",
        "mqtt://broker?topic=sensors/%23&topic=reports/%2B",
        "mqtts://user:pw@broker?topic=sensors/%23&ca=ca.pem",
        "poll+https://firms.example/api/area.csv?days=1#every_s=600",
        "poll+file:incoming?every_s=5",
    ] {
        let source: Source = text.parse().unwrap_or_else(|e| panic!("{e}"));
        let written = serde_json::to_string(&source).unwrap();
        let again: Source = serde_json::from_str(&written).unwrap();
        assert_eq!(again, source, "{text}");
    }
}

#[test]
fn parts_are_where_they_belong() {
    let source: Source = "rtsp://us%3Aer:p%40s:s@camera.example/one?x=1#transport=udp"
        .parse()
        .unwrap();
    assert_eq!(source.user.as_deref(), Some("us:er"));
    assert_eq!(source.password().unwrap().as_deref(), Some("p@s:s"));
    assert_eq!((source.host.as_str(), source.port), ("camera.example", 554));
    assert_eq!(source.path, "/one?x=1");
    assert_eq!(source.options.transport, Some(Transport::Udp));
    let source: Source = "mqtt://b?topic=a/%23&topic=b".parse().unwrap();
    assert_eq!(source.options.topics, ["a/#", "b"]);
}

#[test]
fn what_is_wrong_is_told_with_what_was_expected() {
    for (text, part) in [
        ("video.ts", "does not begin as a live source's address"),
        ("gopher://x", "expected one of udp, rtp, rtsp"),
        ("udp:239.1.2.3:5", "expected one of"),
        ("udp://239.1.2.3", "no port is named"),
        ("udp://239.1.2.3:0", "expected 1 to 65535"),
        (
            "udp://239.1.2.3:5004?iface=eth0",
            "it takes interface, from",
        ),
        ("udp://239.1.2.3:5004?buffer_kib=1", "KiB, 64 to 262144"),
        ("udp://239.1.2.3:5004/x", "means nothing to udp"),
        ("rtsp:///one", "no host is named"),
        (
            "rtsp://h/one#transport=carrier-pigeon",
            "expected tcp or udp",
        ),
        ("mqtt://b", "no topic is named"),
        ("tls://h:1?cert=x", "both are needed"),
        ("srt://h:1?passphrase=secret", "without encryption"),
        ("udp://[::1:5", "bracket"),
        ("tcp://u:p@h:1", "knows no user"),
        ("file:", "no file is named"),
        ("udp://h:5?interface", "expected name=value"),
    ] {
        let told = refused(text);
        assert!(told.contains(part), "{text}: {told}");
    }
}

#[test]
fn a_password_is_never_shown() {
    for text in [
        "rtsp://user:hunter2@camera/one",
        "rtsp://user:hunter2@camera/one#transport=x",
        "nonsense://user:hunter2@camera",
        "rtsp://user:hunter2@camera:99999",
        "user:hunter2@camera",
    ] {
        let told = match text.parse::<Source>() {
            Ok(source) => format!("{source} {source:?}"),
            Err(e) => format!("{e} {e:?}"),
        };
        assert!(!told.contains("hunter2"), "{told}");
    }
    let long = format!("rtsp://user:hunter2{}@camera/", "x".repeat(400));
    assert!(!format!("{:?}", long.parse::<Source>()).contains("hunter2"));
}

#[test]
fn a_table_says_the_same_as_an_address() {
    #[derive(serde::Deserialize, serde::Serialize)]
    struct Feed {
        live: Source,
    }
    let feed: Feed = toml::from_str(
        "live = { url = \"mqtt://broker\", topic = [\"a/#\", \"b\"], timeout_s = 5 }",
    )
    .unwrap();
    assert_eq!(feed.live.options.topics, ["a/#", "b"]);
    assert_eq!(feed.live.options.timeout_s, Some(5));
    let written = toml::to_string(&feed).unwrap();
    let again: Feed = toml::from_str(&written).unwrap();
    assert_eq!(again.live, feed.live);
    let told = toml::from_str::<Feed>("live = { url = \"udp://:5\", speed = 3 }")
        .err()
        .unwrap()
        .to_string();
    assert!(told.contains("\"speed\" is no option of udp"), "{told}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = text.parse::<Source>();
    }

    #[test]
    fn anything_like_an_address_is_read_or_refused_and_its_password_not_shown(
        scheme in prop::sample::select(Scheme::ALL.to_vec()),
        user in "[a-z]{0,4}",
        rest in "[a-z0-9:@/?#=&%.\\[\\]-]{0,40}",
    ) {
        let text = format!("{}://{user}:hunter2@{rest}", scheme.as_str());
        let told = match text.parse::<Source>() {
            Ok(source) if source.scheme.is_path() => String::new(),
            Ok(source) => format!("{source} {source:?}"),
            Err(e) => e.to_string(),
        };
        prop_assert!(!told.contains("hunter2"), "{}", told);
    }
}
