//! JSON whose objects keep the order of their fields, since the schema fixes that order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value; all scalars are one variant.
#[derive(Debug)]
pub enum Ordered {
    Object(Vec<(String, Ordered)>),
    List(Vec<Ordered>),
    Scalar,
}

impl Ordered {
    /// The value at a path of field names; in a list it goes on in the first element.
    pub fn at(&self, path: &[&str]) -> &Self {
        match (self, path) {
            (Self::List(list), _) => list.first().unwrap_or_else(|| panic!("empty list before {path:?}")).at(path),
            (_, []) => self,
            (Self::Object(fields), [first, rest @ ..]) => {
                let found = fields.iter().find(|(name, _)| name == first);
                found.unwrap_or_else(|| panic!("no field {first}")).1.at(rest)
            }
            (Self::Scalar, _) => panic!("nothing at {path:?}"),
        }
    }

    /// The field names of an object, in order.
    pub fn names(&self) -> Vec<&str> {
        let Self::Object(fields) = self else { panic!("no object: {self:?}") };
        fields.iter().map(|(name, _)| name.as_str()).collect()
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

macro_rules! scalars {
    ($($visit:ident: $kind:ty),*) => { $(fn $visit<E>(self, _: $kind) -> Result<Ordered, E> { Ok(Ordered::Scalar) })* };
}

impl<'de> Visitor<'de> for Reader {
    type Value = Ordered;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Ordered, E> {
        Ok(Ordered::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ordered, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Ordered::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Ordered::Object(fields))
    }
}
