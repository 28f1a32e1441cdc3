//! Models, the configuration, what tasks write to, and programs.

use super::staged::{Mends, PLAIN, Staged, all};

/// A model that can't be used, which is fetched again.
const fn model(name: &'static str, stage: &'static str, says: &'static [&'static str]) -> Staged {
    Staged { name, stage, says, ..PLAIN }
}

#[test]
fn models_that_are_not_what_they_should_be() {
    all(&[
        model(
            "zeroes",
            "head -c 65536 /dev/zero > $ROOT/models/model.onnx",
            &["models/model.onnx", "zeroes"],
        ),
        model(
            "json",
            "echo '{\"message\":\"API rate limit exceeded\"}' > $ROOT/models/model.onnx",
            &["is text"],
        ),
        model("not_found", "printf 'Not Found' > $ROOT/models/model.onnx", &["is text"]),
        model(
            "gz",
            "gzip $ROOT/models/model.onnx; mv $ROOT/models/model.onnx.gz $ROOT/models/model.onnx",
            &["model.onnx"],
        ),
        model("dead_link", "ln -sf /nowhere/model.onnx $ROOT/models/model.onnx", &["link to nothing"]),
        model("absent", "rm -r $ROOT/models", &["is not there"]),
        Staged {
            name: "two_absent",
            stage: "printf 'wget file://$APP/../origin/model.onnx -O models/b.onnx\\n' | sed \"s|.APP|$APP|\" >> $ROOT/download.sh; rm -r $ROOT/models",
            says: &["2 models are not in"],
            remedy: Mends::Line("(cd $ROOT && bash download.sh)"),
            ..PLAIN
        },
        Staged {
            name: "pipe",
            stage: "rm $ROOT/models/model.onnx; mkfifo $ROOT/models/model.onnx",
            says: &["is not a file"],
            remedy: Mends::Words("wget"),
            ..PLAIN
        },
        model(
            "sparse",
            "truncate -s 8T $ROOT/models/model.onnx; printf '\\n\\006' | dd of=$ROOT/models/model.onnx conv=notrunc 2>/dev/null",
            &["model.onnx"],
        ),
    ]);
}

#[test]
fn what_stands_in_the_way_of_the_models() {
    all(&[model(
        "file_for_directory",
        "rm -r $ROOT/models; echo > $ROOT/models",
        &["model.onnx is not there", "$ROOT/models is not a directory"],
    )]);
}

#[test]
fn configurations() {
    all(&[
        Staged {
            name: "percent",
            stage: "sed -i 's#dh.log#dh-%d.log#' $ROOT/config/config.ini",
            says: &["InterpolationSyntaxError"],
            remedy: Mends::Words("replace each % of log_file with %%"),
            ..PLAIN
        },
        Staged {
            name: "comment_behind_a_value",
            stage: "printf '[http_server]\\nserver_port = 8383 # ours\\n' >> $ROOT/config/config.ini",
            says: &["server_port = 8383 # ours is not a valid port"],
            remedy: Mends::Words("and nothing else"),
            ..PLAIN
        },
        Staged {
            name: "read_as_ascii",
            stage: "printf '# \\346\\227\\245\\n' >> $ROOT/config/config.ini",
            set: &[("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")],
            says: &["config.ini", "'ascii' codec"],
            remedy: Mends::Line("export PYTHONUTF8=1"),
            ..PLAIN
        },
        Staged {
            name: "bom",
            stage: "printf '\\357\\273\\277' | cat - $ROOT/config/config.ini > c; mv c $ROOT/config/config.ini",
            says: &["byte order mark"],
            ..PLAIN
        },
        Staged {
            name: "gbk",
            stage: "printf '# \\304\\343\\272\\303\\n' | cat - $ROOT/config/config.ini > c; mv c $ROOT/config/config.ini",
            says: &["is not UTF-8, it is GBK"],
            ..PLAIN
        },
        Staged {
            name: "utf16",
            stage: "iconv -f UTF-8 -t UTF-16 $ROOT/config/config.ini > c; mv c $ROOT/config/config.ini",
            says: &["is not UTF-8, it is UTF-16"],
            ..PLAIN
        },
        Staged {
            name: "twice",
            stage: "printf '[http_server]\\nserver_port=1\\nserver_port=2\\n' >> $ROOT/config/config.ini",
            says: &["line 6: option server_port is there twice"],
            remedy: Mends::Words("correct"),
            ..PLAIN
        },
        Staged {
            name: "no_log",
            stage: "printf '[http_server]\\nserver_port=\\n' | sed 's/=.*/=0/' > $ROOT/config/config.ini",
            says: &["NoSectionError: No section: 'log'"],
            remedy: Mends::Words("[log]"),
            ..PLAIN
        },
        Staged {
            name: "wrong_kind",
            stage: "printf '[http_server]\\nserver_port = 80%%(x)s\\n' >> $ROOT/config/config.ini",
            says: &["server_port = 80%(x)s is not a valid port"],
            remedy: Mends::Words("and nothing else"),
            ..PLAIN
        },
        Staged {
            name: "directory",
            stage: "rm $ROOT/config/config.ini; mkdir $ROOT/config/config.ini",
            says: &["config.ini is a directory"],
            remedy: Mends::Words("rmdir"),
            ..PLAIN
        },
        Staged {
            name: "fifo",
            stage: "rm $ROOT/config/config.ini; mkfifo $ROOT/config/config.ini",
            says: &["config.ini", "it is a pipe"],
            remedy: Mends::Words("restore"),
            ..PLAIN
        },
        Staged {
            name: "log_is_a_dead_link",
            stage: "ln -s /nowhere/dh.log $ROOT/log/dh.log",
            says: &["log/dh.log can't be written to: it is a link"],
            remedy: Mends::Line("rm $ROOT/log/dh.log"),
            ..PLAIN
        },
        Staged {
            name: "of_windows",
            stage: "sed -i 's#./log#D:\\\\heygem#' $ROOT/config/config.ini",
            status: "warn",
            says: &["log_dir = D:\\heygem is a path of Windows"],
            remedy: Mends::Words("a directory of this system"),
            ..PLAIN
        },
        Staged {
            name: "tilde",
            stage: "sed -i 's|./log|~/log|' $ROOT/config/config.ini; mkdir -p \"$ROOT/~/log\"",
            status: "warn",
            says: &["log_dir = ~/log is taken literally"],
            remedy: Mends::Words("whole path"),
            ..PLAIN
        },
    ]);
}

#[test]
fn what_tasks_write_to() {
    all(&[
        Staged {
            name: "log_is_a_file",
            stage: "rm -r $ROOT/log; : > $ROOT/log",
            says: &["log is not a directory"],
            remedy: Mends::Line("mv $ROOT/log $ROOT/log.off && mkdir -p $ROOT/log"),
            ..PLAIN
        },
        Staged {
            name: "log_file_is_a_directory",
            stage: "mkdir $ROOT/log/dh.log",
            says: &["dh.log is a directory"],
            remedy: Mends::Line("rmdir $ROOT/log/dh.log"),
            ..PLAIN
        },
        Staged {
            name: "log_is_missing",
            stage: "rm -r $ROOT/log",
            status: "warn",
            says: &["log is not there"],
            remedy: Mends::Line("mkdir -p $ROOT/log"),
            ..PLAIN
        },
    ]);
}

#[test]
fn programs() {
    all(&[
        Staged {
            name: "lacks_a_library",
            stage: "printf '#!/bin/sh\\necho libx264.so.160: not found >&2; exit 127\\n' > $BIN/ffmpeg",
            says: &["libx264.so.160"],
            remedy: Mends::Words("ffmpeg"),
            ..PLAIN
        },
        Staged {
            name: "wrong_machine",
            stage: "cp /bin/true $BIN/ffmpeg; printf '\\267' | dd of=$BIN/ffmpeg bs=1 seek=18 conv=notrunc 2>/dev/null",
            says: &["ffmpeg", "another machine"],
            remedy: Mends::Words("ffmpeg"),
            ..PLAIN
        },
        Staged {
            name: "no_x264",
            stage: "printf '#!/bin/sh\\ntest \"$1\" = -version || printf \" V..... libopenh264 x\\\\n\"\\n' > $BIN/ffmpeg; echo 'LINE = \"-c:v libx264\"' > $ROOT/service/video.py",
            status: "warn",
            says: &["libx264"],
            remedy: Mends::Words("libx264"),
            ..PLAIN
        },
    ]);
}
