//! The `edgewarden` program. Everything it does is in the library; here an exit code is made of it.

fn main() -> std::process::ExitCode {
    edgewarden::cli::main()
}
