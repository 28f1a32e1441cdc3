//! Arguments: a parser of the SDK's that is given none reads none. Everybody else's reads what it always did.

use super::stages;

#[test]
fn a_parser_of_the_sdks_reads_no_words_of_the_program() {
    const CODE: &str = "\
import argparse, sys
from landmark2face_wy import options
print(options.parse(), options.parse_known(), options.parse_command(), options.parse(['--size', '7']))
print(options.parse_of_subclass())
print(options.is_parser(argparse.ArgumentParser()), options.is_parser(3), options.names())
print(sys.argv[1:], argparse.ArgumentParser is options.argparse.ArgumentParser)
";
    let expected = "Namespace(size=4) (Namespace(name='none'), []) Namespace(command=None) Namespace(size=7)\n\
        (Namespace(), False)\n(True, True) (False, False) (Namespace(a=1), 'argparse', True)\n\
        ['--port', '80', '--name', 'gunicorn'] False\n";
    for stage in stages() {
        let words = ["-c", CODE, "--port", "80", "--name", "gunicorn"];
        stage.python(&words).prints(expected);
        // And without the bridge, they are the SDK's downfall.
        let outcome = stage.python_without(&words).run();
        let error = "error: unrecognized arguments: --port 80 --name gunicorn\n";
        assert!(outcome.code() == Some(2) && outcome.stderr().ends_with(error), "{outcome}");
    }
}

#[test]
fn a_parser_that_the_sdk_made_while_it_was_imported_is_as_it_was() {
    let code = "from landmark2face_wy import options; options.parse_early()";
    let expected = "usage: early [-h]\nearly: error: unrecognized arguments: --port\n";
    for stage in stages() {
        stage.python(&["-c", code, "--port"]).fails(2, expected);
    }
}

#[test]
fn parsers_of_others_read_what_they_always_did() {
    const OWN: &str = "\
import argparse
from argparse import ArgumentParser

def parse():
    one, two = argparse.ArgumentParser(), ArgumentParser()
    for parser in one, two:
        parser.add_argument('--port', type=int)
    return one.parse_args(), two.parse_known_args()[0]
";
    const CODE: &str = "\
import landmark2face_wy.options, own.options, beside
print(own.options.parse(), beside.parse())
";
    let one = "(Namespace(port=80), Namespace(port=80))";
    for stage in stages() {
        stage.write("HeyGem/own/__init__.py", "").write("HeyGem/own/options.py", OWN).write("beside.py", OWN);
        stage.python(&["-c", CODE, "--port", "80"]).prints(format!("{one} {one}\n"));
    }
}

#[test]
fn children_of_every_kind_read_none_either() {
    const SCRIPT: &str = "\
import multiprocessing, sys

def parse(queue, name):
    module = __import__(name, fromlist=['parse'])
    queue.put((str(module.parse()), sys.argv[1:]))

def main():
    for name in ['landmark2face_wy.options', 'options']:
        for method in ['fork', 'spawn', 'forkserver']:
            context = multiprocessing.get_context(method)
            queue = context.Queue()
            child = context.Process(target=parse, args=(queue, name))
            child.start()
            print(method, *queue.get(timeout=60))
            child.join()

if __name__ == '__main__':
    main()
";
    let line = |method| format!("{method} Namespace(size=4) ['server:app', '--port', '80']\n");
    let expected = ["fork", "spawn", "forkserver"].map(line).concat().repeat(2);
    for stage in stages() {
        stage.write("app.py", SCRIPT);
        stage.python(&["-W", "ignore", "app.py", "server:app", "--port", "80"]).prints(&expected);
    }
}

#[test]
fn source_of_the_sdks_is_as_what_is_compiled() {
    let code = "from landmark2face_wy import options; print(options.parse(), options.argparse.FileType)";
    for stage in stages() {
        stage.as_source(&["service/trans_dh_service", "landmark2face_wy/options"]);
        stage.python(&["-c", code, "--port"]).prints("Namespace(size=4) <class 'argparse.FileType'>\n");
    }
}
