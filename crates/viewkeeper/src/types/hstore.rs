//! The extension `hstore`.

use std::collections::BTreeMap;

use bytes::BufMut;

use super::cursor::wire;

/// An `hstore`: texts by key, some of them null.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Hstore(pub BTreeMap<String, Option<String>>);

wire!(
    Hstore,
    |ty| ty.name() == "hstore",
    |_ty, cursor| {
        let mut entries = BTreeMap::new();
        for _ in 0..cursor.count()? {
            let key = std::str::from_utf8(cursor.value()?.ok_or("a key of an hstore came as null")?)?.to_owned();
            let value = cursor.value()?.map(std::str::from_utf8).transpose()?.map(str::to_owned);
            entries.insert(key, value);
        }
        Self(entries)
    },
    |_ty, value, out| {
        out.put_i32(i32::try_from(value.0.len())?);
        for (key, value) in &value.0 {
            out.put_i32(i32::try_from(key.len())?);
            out.extend_from_slice(key.as_bytes());
            match value {
                None => out.put_i32(-1),
                Some(value) => {
                    out.put_i32(i32::try_from(value.len())?);
                    out.extend_from_slice(value.as_bytes());
                }
            }
        }
    }
);
