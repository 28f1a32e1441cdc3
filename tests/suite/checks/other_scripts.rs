//! A shell's script that another one, or a shell's text, reads or runs, and that keeps the launch from its Python.

use super::{app, files, python, warns};
use crate::support::site::Site;

#[test]
fn the_script_behind_a_script_is_judged() {
    let outer = "#!/bin/sh\n";
    let path = "#!/bin/sh\nexport PYTHONPATH=.\n";
    let starting = "#!/bin/sh\nexport PYTHONPATH=.\nexec {python} app.py\n";
    let table: [(&[&str], &str, &str, &str); 7] = [
        (&["./start.sh"], ". ./env.sh\nexec {python} app.py\n", "env.sh", path),
        (
            &["bash", "start.sh"],
            "source $PWD/no.sh; source 'in/env.sh'\n{python} app.py\n",
            "in/env.sh",
            path,
        ),
        (&["./start.sh"], "cd in\nset -a; . ./env.sh; set +a\ncd ..\n{python} app.py\n", "in/env.sh", path),
        (&["./start.sh"], ". \"$(dirname \"$0\")/env.sh\" && {python} app.py\n", "env.sh", path),
        (&["sh", "-c", ". ./env.sh && exec {python} app.py"], "", "env.sh", path),
        (&["./start.sh"], "cd \"$(dirname \"$0\")\" || exit 1\nexec ./inner.sh\n", "inner.sh", starting),
        (&["nohup", "./start.sh"], "true\nnice sh -e in/inner.sh\n", "in/inner.sh", starting),
    ];
    for (words, text, name, inner) in table {
        let site = app();
        let name = format!("app/{name}");
        let filled_in = |text: &str| text.replace("{python}", python());
        site.place.write_program("app/in/no.sh", outer);
        site.place.write("app/no.sh", "");
        site.place.write_program("app/start.sh", filled_in(&[outer, text].concat()));
        site.place.write_program(&name, filled_in(inner));
        let advice = r#"takes the launch's PYTHONPATH away: write there export PYTHONPATH=.:"$PYTHONPATH""#;
        let told = |site: &Site| format!("{}, line 2, {advice}", site.at(&name));
        let healthy = inner.replace("PYTHONPATH=.", "PYTHONPATH=.:\"$PYTHONPATH\"");
        let (healthy, mended) = (filled_in(&healthy), name.clone());
        let mend = move |site: &Site| drop(site.place.write_program(&mended, &healthy));
        warns(site, words, told, files(mend)).check();
    }
}

#[test]
fn a_script_that_is_read_for_nothing_is_left_alone() {
    let table = [
        ". ./env.sh\necho ran\n",
        ". ./env.sh\nexec LAUNCHER -q -- {python} app.py\n",
        "P=$PYTHONPATH\n. ./env.sh\nPYTHONPATH=.:$P\nexec {python} app.py\n",
        "if false; then . ./env.sh; fi\nexec {python} app.py\n",
        "heygem-run() { :; }\nheygem-run ./env.sh\nexec {python} app.py\n",
    ];
    for text in table {
        let site = app();
        let text = text.replace("{python}", python()).replace("LAUNCHER", crate::support::place::LAUNCHER);
        site.place.write_program("app/env.sh", "#!/bin/sh\nexport PYTHONPATH=.\n");
        site.place.write_program("app/start.sh", ["#!/bin/sh\n", &text].concat());
        let outcome = site.launch(["bash", "start.sh"]).run();
        assert_eq!((outcome.code(), outcome.stderr()), (Some(0), String::new()), "{text}: {outcome}");
    }
}

#[test]
fn a_script_or_a_module_that_runs_sanic_itself() {
    let text = "Sanic = str  # as from sanic import Sanic\napp = Sanic('x')\nif len(app) > 1:\n    app.run(port=1)\nprint('ran')\n";
    let text = text.replace("# as ", "\nif 0:\n    ");
    for words in [&["app.py"][..], &["-m", "app"]] {
        let site = app();
        site.place.write("app/app.py", &text);
        let told = "sanic's workers are daemonic processes, which can't start child processes: add single_process=True to its app.run()";
        let healthy = text.replace("port=1", "port=1, single_process=True");
        let mend = move |site: &Site| drop(site.place.write("app/app.py", &healthy));
        warns(site, words, |_| told.to_owned(), files(mend)).check();
    }
}
