//! uvicorn's first process watches where it was started, and what it starts is in the root. `tests/commands/table/uvicorn.rs` has the
//! real one; here a stand-in has the names that the hook knows.

use super::stages;

const CONFIG: &str = "\
import os
class Config:
    def __init__(self, app, host='', *, reload=False, reload_dirs=None):
        self.app, self.watched = app, os.getcwd()
";

#[test]
fn a_process_that_only_watches_returns_from_the_root() {
    const CODE: &str = "\
import os, sys
import h_utils.custom
from uvicorn.config import Config
import inspect
print(*inspect.signature(Config).parameters)
exec(sys.argv[1])
print(Config('app:app', 'x', reload=True).watched, os.getcwd(), end=' ')
import service.trans_dh_service
print(os.getcwd())
";
    let table = [
        ("", "USER USER ROOT"),
        (
            "print(Config('app:app', reload=False).watched, Config(print, reload=True).watched)",
            "ROOT ROOT\nUSER USER ROOT",
        ),
        ("os.chdir('/')", "/ / /"),
    ];
    for stage in stages() {
        stage.write("uvicorn/__init__.py", "").write("uvicorn/config.py", CONFIG);
        for (code, expected) in table {
            let expected = format!("app host reload reload_dirs\n{expected}\n");
            stage.python(&["-c", CODE, code]).prints(stage.named_places(&expected));
        }
    }
}
