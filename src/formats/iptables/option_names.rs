//! The notation for options in the tables of extensions: `source-port,sport set=2 syn=0`. Options are separated by blanks.
//! Spellings of one option are separated by commas; the first is the canonical one. `=N` is the number of values, which is one if
//! it is left out; `=?` means that a value is optional.

/// The number of values of an option whose value is optional.
pub const PERHAPS_ONE: usize = usize::MAX;

/// Options: each spelling with its canonical name and number of values.
pub type Options = Vec<(&'static str, &'static str, usize)>;

/// Every spelling of the options in a list.
pub fn spellings(options: &'static str) -> Options {
    let of_one = |option: &'static str| {
        let (names, values) = option.split_once('=').unwrap_or((option, "1"));
        let canonical = names.split(',').next().unwrap_or(names);
        let values = values.parse().unwrap_or(PERHAPS_ONE);
        names.split(',').map(move |name| (name, canonical, values))
    };
    options.split_ascii_whitespace().flat_map(of_one).collect()
}

/// An option by its whole name: its canonical name and number of values.
pub fn find(options: &Options, name: &str) -> Option<(&'static str, usize)> {
    options.iter().find(|(spelling, ..)| *spelling == name).map(|(_, canonical, values)| (*canonical, *values))
}
