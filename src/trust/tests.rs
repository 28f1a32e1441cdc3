use super::*;

const DIRECTORY: FileType = FileType::Directory;
const USER: u32 = 7;
const STRANGER: u32 = 8;

fn facts(owner: Id, mode: u32) -> Ownership {
    Ownership { kind: DIRECTORY, owner, group: Id::Group(70), mode }
}

#[test]
fn a_root_that_the_user_stands_in() {
    let [own, root, stranger] = [USER, 0, STRANGER].map(Id::User);
    let stranger_in_tmp = "everyone can write to /tmp, and it belongs to user 8";
    let unknown_in_tmp =
        "everyone can write to /tmp, and it belongs to a user or group that this user namespace does not map";
    let shared = "everyone can put something into it";
    let table = [
        (own, 0o755, false, Ok(false)),
        (own, 0o755, true, Ok(false)),
        (own, 0o775, true, Ok(false)),
        (own, 0o777, true, Ok(true)), // WSL, Docker Desktop, FUSE
        (root, 0o755, true, Ok(false)),
        (root, 0o777, false, Ok(true)),
        (stranger, 0o755, false, Ok(false)),
        (stranger, 0o777, false, Ok(true)),
        (stranger, 0o755, true, Err(stranger_in_tmp)),
        (stranger, 0o777, true, Err(stranger_in_tmp)),
        (Id::Unnameable, 0o755, true, Err(unknown_in_tmp)),
        (Id::Unnameable, 0o755, false, Ok(false)),
        (root, 0o1777, false, Err(shared)), // `/tmp` itself
        (own, 0o1777, false, Err(shared)),
    ];
    for (owner, mode, in_open, expected) in table {
        let verdict = stood_in(&facts(owner, mode), in_open.then_some(Path::new("/tmp")), USER);
        let told = match verdict {
            RootVerdict::Used => Ok(false),
            RootVerdict::UsedThoughOpen => Ok(true),
            RootVerdict::PassedOver(fault) => Err(fault.to_string()),
        };
        assert_eq!(told, expected.map_err(str::to_owned), "{owner} {mode:o} {in_open}");
    }
}

#[test]
fn a_file_in_a_root_may_have_no_more_writers() {
    let [own, root, stranger, owner] = [USER, 0, STRANGER, 9].map(Id::User);
    let group = |number| Writers { everyone: false, named: vec![Id::Group(number)] };
    let nobody = Writers::default();
    // The owner of the root is user 9; the root's mode, then whose this is, its mode, and who may write to the two.
    let table = [
        (0o755, own, 0o755, [nobody.clone(), nobody.clone()], Ok("safe")),
        (0o755, root, 0o755, [nobody.clone(), nobody.clone()], Ok("safe")),
        (0o755, owner, 0o755, [nobody.clone(), nobody.clone()], Ok("safe")),
        (0o755, stranger, 0o755, [nobody.clone(), nobody.clone()], Err("belongs to user 8")),
        (0o775, stranger, 0o755, [group(70), nobody.clone()], Ok("shared")),
        (0o775, stranger, 0o775, [group(70), group(70)], Err("belongs to user 8")),
        (0o777, stranger, 0o755, [nobody.clone(), nobody.clone()], Err("belongs to user 8")),
        (0o775, own, 0o775, [group(70), group(70)], Ok("safe")),
        (0o775, own, 0o775, [group(70), group(71)], Err("can be written to by group 71")),
        (0o755, own, 0o775, [nobody.clone(), group(70)], Err("can be written to by group 70")),
        (
            0o755,
            own,
            0o777,
            [nobody.clone(), Writers { everyone: true, named: vec![] }],
            Err("can be written to by everyone"),
        ),
        (0o777, own, 0o777, [nobody.clone(), nobody.clone()], Ok("safe")),
        (
            0o755,
            Id::Unnameable,
            0o755,
            [nobody.clone(), nobody.clone()],
            Err("belongs to a user or group that this user namespace does not map"),
        ),
    ];
    for (root_mode, of, mode, writers, expected) in table {
        let verdict = beside(&facts(owner, root_mode), &facts(of, mode), USER, || Ok(writers)).expect("told");
        let told = match verdict {
            Beside::Safe => Ok("safe"),
            Beside::Shared => Ok("shared"),
            Beside::Doubted(why) => Err(why.to_string()),
        };
        assert_eq!(told, expected.map_err(str::to_owned), "{root_mode:o} {of} {mode:o}");
    }
}

/// Even the root of it is shown as belonging to the same.
#[test]
fn two_that_the_kernel_cannot_name_are_not_one() {
    let unknown = facts(Id::Unnameable, 0o755);
    let verdict =
        beside(&unknown, &unknown, USER, || Ok([Writers::default(), Writers::default()])).expect("told");
    assert!(matches!(verdict, Beside::Doubted(_)), "{verdict:?}");
}

#[test]
fn only_a_directory_holds_a_bridge() {
    for (kind, why) in
        [(FileType::Symlink, "is a symbolic link"), (FileType::RegularFile, "is not a directory")]
    {
        let this = Ownership { kind, ..facts(Id::User(USER), 0o755) };
        let verdict = beside(&facts(Id::User(USER), 0o755), &this, USER, || Err(io::ErrorKind::Other.into()));
        let Beside::Doubted(doubted) = verdict.expect("not asked") else { panic!("{kind:?}") };
        assert_eq!(doubted.to_string(), why);
    }
}
