//! The built-in scenarios on machines that this one is not: on every page size, filesystem and kernel version the model
//! must leave open what the author expects, and every plan must come about. No system call is made.
#![cfg(target_os = "linux")]

mod common;

use common::possible;
use mmap_lab::command::Foretelling;
use mmap_lab::model::Model;
use mmap_lab::op::{Filesystem, World};
use mmap_lab::scenario::{builtins, load, plan};

/// Is the kernel new enough for a scenario that says which it needs?
fn shows(needs: &[String], world: &World) -> bool {
    let version = |need: &String| {
        let (major, minor) = need.strip_prefix("linux-")?.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?, 0))
    };
    needs.iter().filter_map(version).all(|wanted| world.kernel >= wanted)
}

/// Machines that differ in what an author may condition on.
fn worlds() -> Vec<World> {
    let world = |page, filesystem, kernel| World {
        kernel,
        filesystem,
        ..World::textbook(page)
    };
    vec![
        world(4096, Filesystem::Xfs, (6, 1, 0)),
        world(4096, Filesystem::Btrfs, (6, 6, 0)),
        world(16384, Filesystem::Tmpfs, (6, 12, 0)),
        world(65536, Filesystem::Ext4, (6, 18, 0)),
    ]
}

#[test]
fn authors_and_model_agree_on_machines_of_every_kind() {
    let mut wrong = Vec::new();
    for builtin in builtins() {
        let scenario = load(builtin.name, builtin.text, &[]).unwrap();
        for world in worlds().into_iter().filter(|world| shows(&scenario.needs, world)) {
            let place = format!(
                "{} {} {:?} {}",
                builtin.id,
                world.page,
                world.kernel,
                world.filesystem.name()
            );
            let plan = match plan(&scenario, &world, &Foretelling) {
                Ok(plan) => plan,
                Err(complaints) => {
                    wrong.push(format!("{place}: {}", complaints.render(false)));
                    continue;
                }
            };
            let ruled: Vec<_> = plan
                .scripts
                .iter()
                .map(|script| Model::answer(&world, script))
                .collect();
            for probe in &plan.probes {
                let answer = &ruled[probe.at.0][probe.at.1];
                if !possible(probe, answer) {
                    let wants = &probe.expected;
                    wrong.push(format!(
                        "{place}: step {} at {}: {wants:?}, but {:?}",
                        probe.step, probe.offset, answer.possible
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}
