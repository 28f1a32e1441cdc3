//! The order: packages and compiled modules of the root where it stands on PYTHONPATH, its lone files last.

use std::env;
use std::path::PathBuf;

use super::{Stage, stages};

/// The user's own files, and files of the same names in the root.
fn with_rivals(stage: &Stage) -> &Stage {
    for name in ["app", "main", "api_only", "conf"] {
        stage.write(&format!("HeyGem/{name}.py"), "owner = 'root'");
    }
    stage.write("app.py", "owner = 'user'").write("api/main.py", "owner = 'api'");
    stage.write("HeyGem/api.py", "owner = 'root'").write("conf/notes.txt", "");
    stage.write("HeyGem/tools/__init__.py", "owner = 'root'").write("tools/__init__.py", "owner = 'user'");
    stage.write("HeyGem/queue.py", "owner = 'root'")
}

const TELL: &str = "\
import importlib, sys
for name in sys.argv[1:]:
    try:
        print(name, getattr(importlib.import_module(name), 'owner', 'another'))
    except ImportError as error:
        print(error)
";

#[test]
fn a_lone_file_of_the_root_hides_nothing() {
    let words = ["-c", TELL, "app", "main", "api.main", "conf", "tools", "queue", "preprocess"];
    for stage in stages() {
        with_rivals(&stage).write("stand/empty.txt", "");
        let elsewhere = stage.user.join("stand");
        let expected =
            "app user\nmain root\napi.main api\nconf root\ntools root\nqueue another\npreprocess the SDK\n";
        let expected_in_user = expected.replace("tools root", "tools user");
        stage.python(&words).within(&elsewhere).prints(expected);
        stage.python(&words).prints(expected_in_user);
        // A directory that a server puts in front stays in front.
        let code = format!("import sys; sys.path.insert(0, 'api')\n{TELL}");
        stage.python(&["-c", &code, "main", "app"]).prints("main api\napp user\n");
        // A package of pip's that is called like the SDK's.
        let site = stage.place.write("site/wenet/__init__.py", "owner = 'pip'");
        let site = site.parent().unwrap().parent().unwrap().to_owned();
        let code = format!("import sys; sys.path.append({site:?})\n{TELL}");
        stage
            .python(&["-c", &code, "wenet.transformer.encoder"])
            .prints("wenet.transformer.encoder another\n");
    }
}

#[test]
fn a_finder_of_the_users_own_wins_over_a_lone_file() {
    const FINDER: &str = "\
from importlib.machinery import ModuleSpec
class Finder:
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, Finder) if name == 'main' else None
    def create_module(spec): return None
    def exec_module(module): module.owner = 'finder'
sys.meta_path.append(Finder)
";
    let code = TELL.replacen("import importlib, sys\n", &format!("import importlib, sys\n{FINDER}"), 1);
    for stage in stages() {
        with_rivals(&stage);
        stage.python(&["-c", &code, "main", "api_only"]).prints("main finder\napi_only root\n");
    }
}

#[test]
fn where_python_put_the_root_in_front_all_of_it_is_in_front() {
    fn with<'w>(first: &[&'w str]) -> Vec<&'w str> {
        [first, &["app", "main", "conf", "tools"]].concat()
    }
    let all = "app root\nmain root\nconf root\ntools root\n";
    let mixed = all.replace("app root", "app user");
    for stage in stages() {
        with_rivals(&stage)
            .write("HeyGem/serve.py", TELL)
            .write("serve.py", TELL)
            .write("stand/empty.txt", "");
        let elsewhere = stage.user.join("stand");
        stage.python(&with(&["-c", TELL])).within(&stage.root).prints(all);
        stage.python(&with(&["-m", "serve"])).within(&stage.root).prints(all);
        stage.python(&with(&["HeyGem/serve.py"])).prints(all);
        stage.python(&with(&[stage.root.join("serve.py").to_str().unwrap()])).within(&elsewhere).prints(all);
        // A server that stands in the root and puts its own directory in front: flask, uvicorn.
        for entry in ["''", "__import__('os').getcwd()"] {
            let code = format!("import sys; sys.path[0] = '/bin'; sys.path.insert(0, {entry})\n{TELL}");
            stage.python(&with(&["-c", &code])).within(&stage.root).prints(all);
        }
        // PYTHONPATH's own entry is not Python's.
        let code = format!("import sys; del sys.path[0]\n{TELL}");
        stage.python(&with(&["-c", &code])).within(&stage.root).prints(&mixed);
        stage.python(&with(&["serve.py"])).prints(mixed.replace("tools root", "tools user"));
        if stage.python.major_minor >= (3, 11) {
            stage.python(&with(&["-P", "-c", TELL])).within(&stage.root).prints(&mixed);
            let run = stage.python(&with(&["-m", "serve"])).env("PYTHONSAFEPATH", "1");
            run.within(&stage.root).prints(&mixed);
        }
    }
}

#[test]
fn a_linked_root_is_the_root() {
    let words = ["-c", TELL, "app", "main", "tools", "where"];
    for stage in stages() {
        with_rivals(&stage);
        let link = stage.place.make_dir("links").join("linked");
        std::os::unix::fs::symlink(&stage.root, &link).unwrap();
        stage.place.write("links/app.py", "owner = 'beside the link'");
        let launch = |words: &[&str]| {
            let own = ["-r", link.to_str().unwrap(), "--", stage.python.path.to_str().unwrap()];
            stage.place.launch([&own[..], words].concat())
        };
        let serve = stage.root.join("serve.py");
        stage.write("HeyGem/serve.py", TELL);
        launch(&["-c", &format!("import sys; del sys.path[0]\n{TELL}"), "app", "main", "tools", "where"])
            .prints("app beside the link\nmain root\ntools root\nwhere another\n");
        launch(&[&[serve.to_str().unwrap()], &words[2..]].concat())
            .prints("app root\nmain root\ntools root\nwhere another\n");
    }
}

#[test]
fn a_bridge_before_the_root_orders_the_same() {
    for stage in stages() {
        with_rivals(&stage).write("stand/empty.txt", "");
        let mut path: Vec<PathBuf> = env::split_paths(&stage.python_path()).collect();
        path.rotate_right(1);
        let run = stage.bare_python(&["-c", TELL, "app", "main", "tools", "custom"]);
        let run = run.env("PYTHONPATH", env::join_paths(path).unwrap()).within(stage.user.join("stand"));
        run.prints("app user\nmain root\ntools root\ncustom another\n");
    }
}

#[test]
fn a_package_of_the_apps_that_is_called_service_wins() {
    for stage in stages() {
        stage.write("service/__init__.py", "owner = 'user'");
        stage.python(&["-c", TELL, "service"]).prints("service user\n");
        let code = "import os, service; print(os.getcwd())";
        stage.as_source(&["service/trans_dh_service"]).tells(code, "USER\n");
    }
}
