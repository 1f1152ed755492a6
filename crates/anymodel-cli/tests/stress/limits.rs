//! Much output, no memory, no disk.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Kernels, bad, good};

#[tokio::test]
async fn ten_megabytes_of_output_arrive_whole() {
    let kernels = Kernels::new("output");
    let mut session = kernels.start().await;
    let code = "for n in 0..100_000 {\n    println!(\"{n:099}\");\n}";
    let started = Instant::now();
    let outputs = good(&mut session, code).await;
    println!("10 MB in {:?}", started.elapsed());
    let printed = outputs.printed("stdout");
    assert_eq!(printed.len(), 10_000_000);
    for (n, line) in printed.lines().enumerate() {
        assert_eq!(line.parse(), Ok(n), "line {n} is {line:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(30));
    good(&mut session, "println!(\"next\");").await;
    session.shut_down().await;
    kernels.assert_gone();
}

#[tokio::test]
async fn a_cell_that_allocates_until_it_is_refused_is_an_error_about_memory() {
    // 6 GB of address space: enough for a compiler.
    let kernels = Kernels::new("memory").behind("ulimit -v 6000000; exec \"$@\"");
    let mut session = kernels.start().await;
    let code = "let mut held: Vec<Vec<u8>> = Vec::new();\n\
                loop {\n    held.push(Vec::with_capacity(64 << 20));\n}";
    let error = bad(&mut session, code).await;
    println!("{error}");
    assert!(error.contains("memory"), "{error}");
    let outputs = good(&mut session, "6 * 7").await;
    assert_eq!(outputs.value_text(), Some("42"));
    session.shut_down().await;
    kernels.assert_gone();
}

#[tokio::test]
async fn a_full_disk_is_named_and_does_not_end_the_kernel() {
    let possible = Command::new("unshare").args(["-rm", "true"]).status();
    assert!(
        possible.is_ok_and(|status| status.success()),
        "this test gives a kernel a disk of its own, for which the system has to allow `unshare -rm`"
    );
    let running = Kernels::new("disk").cache.join("kernel/running");
    std::fs::create_dir_all(&running).unwrap();
    // The kernel alone sees this small disk in the place of its working folder.
    let script = format!(
        "exec unshare -rm sh -c 'mount -t tmpfs -o size=2m tmpfs \"{}\" && exec \"$@\"' sh \"$@\"",
        running.display()
    );
    let kernels = Kernels::new("disk").behind(&script);
    let mut session = kernels.start().await;
    good(&mut session, "let x = 1;").await;
    let folder = format!("{:?}", running.to_str().unwrap());
    let fill = format!(
        "use std::io::Write;\nlet mut file = std::fs::File::create(std::path::Path::new({folder}).join(\"filler\"))?;\n\
         while file.write_all(&[0; 4096]).is_ok() {{}}\nprintln!(\"full\");"
    );
    let outputs = good(&mut session, &fill).await;
    assert_eq!(outputs.printed("stdout"), "full\n");
    let error = bad(&mut session, "let y = x + 1;\nprintln!(\"{y}\");").await;
    println!("{error}");
    let small = error.to_lowercase();
    assert!(
        small.contains("no space left") || small.contains("disk"),
        "{error}"
    );
    session.shut_down().await;
    kernels.assert_gone();
}
