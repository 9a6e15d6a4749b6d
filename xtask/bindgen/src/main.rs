//! `xtask-bindgen MODULE.wasm OUT_DIR`: writes the JavaScript and TypeScript faces of a module that was built
//! with wasm-bindgen, as an ES module that a browser or Vite loads ("web" target).

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(module), Some(out), None) = (args.next(), args.next(), args.next()) else {
        eprintln!("usage: xtask-bindgen MODULE.wasm OUT_DIR");
        return ExitCode::from(2);
    };
    let generated = Bindgen::new()
        .input_path(module)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(out));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
