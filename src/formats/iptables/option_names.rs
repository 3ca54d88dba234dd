//! How the tables of extensions write the options there are: `source-port,sport set=2 syn=0`. Options are separated by blanks,
//! spellings of one by commas, the first being the canonical one; `=N` is how many values follow, one where nothing is said, `=?`
//! perhaps one.

/// The number of values of an option that may go without.
pub const PERHAPS_ONE: usize = usize::MAX;

/// Options that can be given: each spelling, its canonical name, the number of values.
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
