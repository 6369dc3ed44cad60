//! `truceline person`: who works at the centre.

use serde_json::{Value, json};
use truceline_record::SignerKey;
use truceline_record::people::{Person, PersonBody, RevocationBody};

use super::{Writer, at_work};
use crate::args::{Add, Invite, List, PersonStep, Revoke, Vouch};

/// Under this name the record says who did it.
const BY: &str = "this machine's commands";

pub(crate) fn run(step: &PersonStep, json: bool) -> anyhow::Result<bool> {
    match step {
        PersonStep::Add(args) => add(args),
        PersonStep::List(args) => list(args, json),
        PersonStep::Invite(args) => invite(args, json),
        PersonStep::Vouch(args) => vouch(args),
        PersonStep::Revoke(args) => revoke(args),
    }?;
    Ok(true)
}

fn add(args: &Add) -> anyhow::Result<()> {
    let Add {
        person,
        name,
        state,
        role,
        works_on,
        ..
    } = args;
    match super::open_or_find(&args.centre.dir)? {
        Writer::Here(mut centre) => {
            let own = [centre.config().theatre.clone()];
            let body = PersonBody {
                person: person.clone(),
                name: name.clone(),
                state: state.clone(),
                roles: role.clone(),
                theatres: if works_on.is_empty() {
                    own.to_vec()
                } else {
                    works_on.clone()
                },
                exercise: false,
            };
            centre.admit(&body, BY)?;
        }
        Writer::AtWork(control) => {
            let theatres = (!works_on.is_empty()).then_some(works_on);
            let body = json!({"id": person, "name": name, "state": state, "roles": role, "theatres": theatres});
            at_work::post_json::<Value>(&control, "/api/persons", &body)?;
        }
    }
    eprintln!("{person} is admitted; `truceline person invite` makes the code for their passkey");
    Ok(())
}

fn list(args: &List, json: bool) -> anyhow::Result<()> {
    let centre = super::read(&args.centre.dir)?;
    for person in centre.people().persons() {
        println!(
            "{}",
            if json {
                line_json(person).to_string()
            } else {
                line(person)
            }
        );
    }
    Ok(())
}

fn line_json(person: &Person) -> Value {
    let passkeys: Vec<Value> = person
        .passkeys
        .iter()
        .map(|p| json!({"credential": p.body.credential, "vouched_by": p.vouched_by, "revoked": p.revoked}))
        .collect();
    json!({
        "id": person.body.person, "name": person.body.name, "state": person.body.state,
        "roles": person.body.roles, "theatres": person.body.theatres, "exercise": person.body.exercise,
        "revoked": person.revoked, "passkeys": passkeys,
    })
}

fn line(person: &Person) -> String {
    let PersonBody {
        person: id,
        name,
        state,
        roles,
        exercise,
        ..
    } = &person.body;
    let counting: Vec<_> = person.passkeys.iter().filter(|p| !p.revoked).collect();
    let keys = match (person.revoked, counting.as_slice()) {
        (true, _) => "revoked".to_owned(),
        (_, []) if *exercise => "a part in an exercise".to_owned(),
        (_, []) => "no passkey yet".to_owned(),
        (_, keys) => {
            let told = keys.iter().map(|p| match &p.vouched_by {
                Some(by) => format!("passkey {} vouched for by {by}", p.body.credential),
                None => format!("passkey {}, nobody vouches for it", p.body.credential),
            });
            told.collect::<Vec<_>>().join("; ")
        }
    };
    format!("{id:<24} {state:<4} {name} ({}): {keys}", roles.join(", "))
}

fn invite(args: &Invite, json: bool) -> anyhow::Result<()> {
    let told: Value = match super::open_or_find(&args.centre.dir)? {
        Writer::Here(mut centre) => {
            let invited = centre.invite(&args.person, BY)?;
            let url = match &centre.config().public_url {
                Some(url) => url.clone(),
                None => {
                    let port = centre
                        .config()
                        .listen
                        .rsplit_once(':')
                        .map_or("80", |(_, port)| port);
                    format!("http://localhost:{port}")
                }
            };
            let link = format!("{url}/login#{}", invited.code);
            json!({"code": invited.code, "expires": invited.expires, "url": link})
        }
        Writer::AtWork(control) => {
            let path = format!("/api/persons/{}/invitations", path_segment(&args.person));
            at_work::post_json(&control, &path, &json!({}))?
        }
    };
    if json {
        println!("{told}");
        return Ok(());
    }
    let text = |name: &str| {
        told.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    println!("{}", text("url"));
    eprintln!(
        "hand this to {} by a way that nobody else reads; it counts once, until {}",
        args.person,
        text("expires")
    );
    Ok(())
}

fn vouch(args: &Vouch) -> anyhow::Result<()> {
    let key = SignerKey::load(&args.key)?;
    let vouched = match super::open_or_find(&args.centre.dir)? {
        Writer::Here(mut centre) => centre.vouch_for(&args.person, &key)?,
        Writer::AtWork(control) => {
            // Signed here, where the key is; only the signature leaves this process.
            let vouchers = super::read(&args.centre.dir)?.vouchers(&args.person, &key)?;
            let path = format!("/api/persons/{}/vouchers", path_segment(&args.person));
            for voucher in &vouchers {
                at_work::post_json::<Value>(&control, &path, voucher)?;
            }
            vouchers.len()
        }
    };
    eprintln!(
        "{} vouches for {vouched} passkey(s) of {}",
        key.name(),
        args.person
    );
    Ok(())
}

fn revoke(args: &Revoke) -> anyhow::Result<()> {
    let Revoke {
        person,
        credential,
        why,
        ..
    } = args;
    match super::open_or_find(&args.centre.dir)? {
        Writer::Here(mut centre) => {
            let (person, credential, why) = (person.clone(), credential.clone(), why.clone());
            centre.revoke(
                &RevocationBody {
                    person,
                    credential,
                    why,
                },
                BY,
            )?;
        }
        Writer::AtWork(control) => {
            let path = format!("/api/persons/{}/revocation", path_segment(person));
            let body = json!({"why": why, "credential": credential});
            at_work::post_json::<Value>(&control, &path, &body)?;
        }
    }
    eprintln!(
        "{person}: {}",
        if credential.is_some() {
            "that passkey counts no more"
        } else {
            "counts no more"
        }
    );
    Ok(())
}

/// An id as part of a path: whatever is no plain letter is written by its bytes.
fn path_segment(id: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.' || b == b'_';
    id.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
