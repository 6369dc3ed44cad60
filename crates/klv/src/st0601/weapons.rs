//! The packs of ST 0601 that tell what an aircraft carries: weapon load (60), weapon fired (61), weapons stores (140).

use crate::ber::{Cursor, write_oid, write_prefixed};
use crate::error::Error;
use crate::pack::Record;
use crate::st0601::lists::{PackText, exactly};

/// Weapon Load (item 60; replaced by item 140): four half bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[allow(missing_docs, reason = "named by the standard")]
pub struct WeaponLoad {
    pub station_number: u8,
    pub substation_number: u8,
    pub weapon_type: u8,
    pub weapon_variant: u8,
}

impl WeaponLoad {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let [station, weapon] = exactly(raw)?;
        Ok(Self {
            station_number: station >> 4,
            substation_number: station & 15,
            weapon_type: weapon >> 4,
            weapon_variant: weapon & 15,
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.station_number << 4 | self.substation_number & 15);
        out.push(self.weapon_type << 4 | self.weapon_variant & 15);
    }
}

/// Weapon Fired (item 61; replaced by item 140).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[allow(missing_docs, reason = "named by the standard")]
pub struct WeaponFired {
    pub station_number: u8,
    pub substation_number: u8,
}

impl WeaponFired {
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Error> {
        let [station] = exactly(raw)?;
        Ok(Self {
            station_number: station >> 4,
            substation_number: station & 15,
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.station_number << 4 | self.substation_number & 15);
    }
}

/// General status of a store (item 140), by code.
pub const STORE_STATUSES: &[&str] = &[
    "Off",
    "Initialization",
    "Ready/Degraded",
    "Ready/All Up Round",
    "Launch",
    "Free Flight",
    "Abort",
    "Miss Fire",
    "Hang Fire",
    "Jettisoned",
    "Stepped Over",
    "No Status Available",
];

/// One store of Weapons Stores (item 140).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[allow(missing_docs, reason = "named by the standard")]
pub struct WeaponStore<'a> {
    pub station_id: u32,
    pub hardpoint_id: u32,
    pub carriage_id: u32,
    pub store_id: u32,
    /// General status in the low seven bits ([`STORE_STATUSES`]); engagement status in bits 8 (fuze enabled), 9 (laser
    /// enabled), 10 (target enabled), 11 (weapon armed).
    pub status: u32,
    pub store_type: PackText<'a>,
}

impl<'a> Record<'a> for WeaponStore<'a> {
    fn read(raw: &'a [u8]) -> Result<Self, Error> {
        let mut c = Cursor::new(raw);
        Ok(Self {
            station_id: c.oid()?,
            hardpoint_id: c.oid()?,
            carriage_id: c.oid()?,
            store_id: c.oid()?,
            status: c.oid()?,
            store_type: PackText(c.prefixed()?),
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        for number in [
            self.station_id,
            self.hardpoint_id,
            self.carriage_id,
            self.store_id,
            self.status,
        ] {
            write_oid(number, out);
        }
        write_prefixed(self.store_type.0, out);
        Ok(())
    }
}

impl WeaponStore<'_> {
    /// The general status in the standard's words.
    #[must_use]
    pub fn general_status(&self) -> Option<&'static str> {
        STORE_STATUSES.get((self.status & 0x7f) as usize).copied()
    }
}
