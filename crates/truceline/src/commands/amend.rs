//! `truceline amend`: new versions of documents into the record.

use crate::args::Amend;

pub(crate) fn run(args: &Amend) -> anyhow::Result<bool> {
    let mut centre = super::open(&args.centre.dir)?;
    for entered in centre.amend(&args.files)? {
        println!("{entered}");
    }
    super::sign::tell_witnesses(&centre);
    Ok(true)
}
