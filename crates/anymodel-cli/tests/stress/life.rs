//! Starts, ends, and long lives.

use std::time::{Duration, Instant};

use crate::kernel_support::{kill, wait_for};
use crate::support::{Kernels, PATIENCE, good};

#[tokio::test]
async fn twenty_restarts_are_quick_and_leave_no_process_and_no_folder() {
    let kernels = Kernels::new("restarts");
    let mut times = Vec::new();
    for round in 0..20 {
        let started = Instant::now();
        let mut session = kernels.start().await;
        let outputs = good(&mut session, "6 * 7").await;
        assert_eq!(outputs.value_text(), Some("42"), "round {round}");
        session.shut_down().await;
        times.push(started.elapsed());
        kernels.assert_gone();
    }
    times.sort();
    println!(
        "a kernel started, asked and ended: median {:?}, slowest {:?}",
        times[10], times[19]
    );
    assert!(times[10] < Duration::from_secs(3), "{times:?}");
}

#[tokio::test]
async fn memory_does_not_creep_over_a_hundred_cells() {
    let kernels = Kernels::new("hundred");
    let mut session = kernels.start().await;
    good(
        &mut session,
        "use anymodel::prelude::*;\nlet client = Client::sandbox()?;",
    )
    .await;
    let mut after_twenty = 0.0;
    for count in 1..=100 {
        // Each cell makes a variable, takes an earlier one, awaits and prints.
        let code = format!(
            "let kept_{count} = vec![{count}_u64; 100];\n\
             let before_{count} = kept_{}.len();\n\
             tokio::time::sleep(std::time::Duration::from_millis(1)).await;\n\
             println!(\"cell {count} {{}}\", kept_{count}.iter().sum::<u64>());",
            (count - 1).max(1)
        );
        let outputs = good(&mut session, &code).await;
        assert_eq!(
            outputs.printed("stdout"),
            format!("cell {count} {}\n", count * 100)
        );
        if count == 20 {
            after_twenty = kernels.megabytes();
        }
    }
    let after_hundred = kernels.megabytes();
    println!("after 20 cells {after_twenty:.0} MB, after 100 cells {after_hundred:.0} MB");
    assert!(
        after_twenty > 10.0,
        "nothing was measured: {after_twenty} MB"
    );
    assert!(
        after_hundred - after_twenty < 40.0,
        "80 cells took {:.0} MB: half a megabyte each is the limit",
        after_hundred - after_twenty
    );
    session.shut_down().await;
    kernels.assert_gone();
}

#[tokio::test]
async fn a_kernel_that_is_killed_takes_its_cells_with_it_and_the_next_one_sweeps_its_folder() {
    let kernels = Kernels::new("killed");
    let mut session = kernels.start().await;
    good(&mut session, "let x = 1;").await;
    let folders = kernels.folders();
    assert!(!folders.is_empty(), "a running kernel has a folder");
    let ids = kernels.kernels();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let others = kernels.processes().len();
    assert!(others >= 2, "the kernel runs cells in another process");
    kill(ids[0]);
    assert!(
        wait_for(Duration::from_secs(10), || kernels.processes().is_empty()),
        "these outlived their kernel: {:?}",
        kernels.processes()
    );
    assert_eq!(
        kernels.folders().len(),
        folders.len(),
        "nobody was left to clean up"
    );
    drop(session);

    let mut session = kernels.start().await;
    good(&mut session, "let x = 1;").await;
    let swept = || !folders.iter().any(|folder| folder.exists());
    assert!(
        wait_for(Duration::from_secs(10), swept),
        "{:?}",
        kernels.folders()
    );
    session.shut_down().await;
    kernels.assert_gone();
}

#[tokio::test]
async fn a_cell_that_runs_for_ever_dies_with_its_kernel() {
    let kernels = Kernels::new("for-ever");
    let mut session = kernels.start().await;
    let mark = kernels.installed.scratch("for-ever").join("runs");
    let path = mark.display().to_string();
    let endless = tokio::spawn(async move {
        let code = format!(
            "std::fs::write({path:?}, \"\").unwrap(); loop {{ std::thread::yield_now(); }}"
        );
        let _ = session.execute(&code, Duration::from_secs(20)).await;
    });
    let runs = async {
        while !mark.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, runs).await.unwrap();
    for id in kernels.kernels() {
        kill(id);
    }
    let gone = wait_for(Duration::from_secs(10), || kernels.processes().is_empty());
    assert!(gone, "{:?}", kernels.processes());
    endless.await.unwrap();
}

#[tokio::test]
async fn four_kernels_at_once_do_not_disturb_each_other() {
    let kernels = Kernels::new("four");
    let one = async |number: u32| {
        let mut session = kernels.start().await;
        good(
            &mut session,
            &format!("static NUMBER: u32 = {number};\nlet mut sum = 0_u32;"),
        )
        .await;
        for _ in 0..5 {
            good(&mut session, "sum += NUMBER;").await;
        }
        let outputs = good(&mut session, "sum").await;
        assert_eq!(
            outputs.value_text(),
            Some((5 * number).to_string().as_str())
        );
        session.shut_down().await;
    };
    tokio::join!(one(1), one(20), one(300), one(4000));
    kernels.assert_gone();
}
