//! Publishing to an RTSP server by `ANNOUNCE` and `RECORD` (RFC 2326, 10.3 and 10.11), as media servers
//! take streams in; media within the connection.

use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::net::TcpStream;

use super::Packet;
use super::rtsp_stream::Stream;
use crate::datagram::resolve;
use crate::rtsp::auth::Who;
use crate::rtsp::message::{First, Message, Next, next, request};
use crate::rtsp::sdp::describe;
use crate::source::Source;

/// A server that is there answers a call so soon.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);
const WITHIN: Duration = Duration::from_secs(10);

/// A session that records.
pub(super) struct Publisher {
    pub(super) stream: Stream,
    writer: WriteHalf<TcpStream>,
    /// Reads what the server says meanwhile, so that it is never kept from saying it.
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Conversation {
    reader: ReadHalf<TcpStream>,
    writer: WriteHalf<TcpStream>,
    came: BytesMut,
    number: u32,
    who: Option<Who>,
    session: Option<String>,
    /// Once asked for, each request says who it is from.
    challenges: Vec<String>,
}

impl Publisher {
    /// `None` when no server answers at the address.
    pub(super) async fn open(
        source: &Source,
        name: &str,
        stream: Stream,
    ) -> Result<Option<Self>, String> {
        let address = resolve(source).await?;
        let Ok(Ok(connection)) =
            tokio::time::timeout(ANSWERS_WITHIN, TcpStream::connect(address)).await
        else {
            return Ok(None);
        };
        let (reader, writer) = tokio::io::split(connection);
        let who = match &source.user {
            Some(user) => Some(Who {
                user: user.clone(),
                password: source.password()?.unwrap_or_default(),
            }),
            None => None,
        };
        let mut conversation = Conversation {
            reader,
            writer,
            came: BytesMut::new(),
            number: 0,
            who,
            session: None,
            challenges: Vec::new(),
        };
        let url = source.web("rtsp")?.to_string();
        tokio::time::timeout(WITHIN, conversation.begin(&url, name, &stream))
            .await
            .map_err(|_| format!("{address} did not answer within {} s", WITHIN.as_secs()))??;
        let Conversation {
            mut reader, writer, ..
        } = conversation;
        let task = tokio::spawn(async move {
            let mut sink = [0; 4096];
            while let Ok(1..) = reader.read(&mut sink).await {}
        });
        Ok(Some(Self {
            stream,
            writer,
            task,
        }))
    }

    pub(super) async fn send(&mut self, packet: Packet) -> Result<(), String> {
        let channel = u8::try_from(packet.stream * 2).unwrap_or(0);
        let [high, low] = u16::try_from(packet.bytes.len()).unwrap_or(0).to_be_bytes();
        let frame = [&[b'$', channel, high, low], &packet.bytes[..]].concat();
        match tokio::time::timeout(WITHIN, self.writer.write_all(&frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(format!("sending failed: {e}")),
            Err(_) => Err("the server takes nothing any more".to_owned()),
        }
    }
}

impl Conversation {
    async fn begin(&mut self, url: &str, name: &str, stream: &Stream) -> Result<(), String> {
        let sdp = describe(name, &stream.media);
        let kind = ("Content-Type", "application/sdp".to_owned());
        self.ask("ANNOUNCE", url, &[kind], &sdp).await?;
        for index in 0..stream.media.len() {
            let (one, two) = (index * 2, index * 2 + 1);
            let transport = format!("RTP/AVP/TCP;unicast;interleaved={one}-{two};mode=record");
            let track = format!("{}/trackID={index}", url.trim_end_matches('/'));
            let answer = self
                .ask("SETUP", &track, &[("Transport", transport)], "")
                .await?;
            let session = answer
                .field("session")
                .map(|s| s.split(';').next().unwrap_or(s).to_owned());
            self.session = session.or(self.session.take());
        }
        self.ask("RECORD", url, &[("Range", "npt=0.000-".to_owned())], "")
            .await?;
        Ok(())
    }

    /// Asks, and once more with who this is when the server wants to know.
    async fn ask(
        &mut self,
        method: &str,
        url: &str,
        fields: &[(&str, String)],
        body: &str,
    ) -> Result<Message, String> {
        for _ in 0..2 {
            self.number += 1;
            let mut all = vec![("CSeq", self.number.to_string())];
            all.extend(self.session.iter().map(|s| ("Session", s.clone())));
            let challenges = self.challenges.iter().map(String::as_str);
            let answer = self
                .who
                .as_ref()
                .and_then(|w| w.answer(challenges, method, url));
            all.extend(answer.map(|a| ("Authorization", a)));
            all.extend(fields.iter().cloned());
            self.writer
                .write_all(request(method, url, &all, body).as_bytes())
                .await
                .map_err(|e| format!("{method}: {e}"))?;
            let message = self
                .answer()
                .await
                .map_err(|why| format!("{method}: {why}"))?;
            match message.first {
                First::Response { status: 200..=299 } => return Ok(message),
                First::Response { status: 401 }
                    if self.who.is_some() && self.challenges.is_empty() =>
                {
                    let asked = message.all("www-authenticate");
                    self.challenges = asked.map(str::to_owned).collect();
                }
                First::Response { status: 401 | 403 } => {
                    return Err(format!("{method}: user or password are refused"));
                }
                First::Response { status } => {
                    return Err(format!("{method}: the server answers {status}"));
                }
                First::Request { .. } => return Err(format!("{method}: the server asks back")),
            }
        }
        Err(format!("{method}: user or password are refused"))
    }

    async fn answer(&mut self) -> Result<Message, String> {
        loop {
            while let Some(thing) = next(&mut self.came)? {
                if let Next::Message(message) = thing {
                    return Ok(message);
                }
            }
            match self.reader.read_buf(&mut self.came).await {
                Ok(0) => return Err("the server ended the connection".to_owned()),
                Ok(_) => {}
                Err(e) => return Err(e.to_string()),
            }
        }
    }
}
