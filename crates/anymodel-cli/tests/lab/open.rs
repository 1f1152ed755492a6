//! JupyterLab started, asked, ended, killed; on the installed kernel. It comes from the Python package index.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::kernel_support::{Kernel, kill, processes_with, wait_for};

/// A running `anymodel lab`, and where it listens.
struct Lab {
    child: Child,
    port: u16,
    token: String,
}

impl Lab {
    fn start(kernel: &Kernel) -> Lab {
        let mut child = kernel
            .command(&["lab", "--no-browser", "--edit", "--language", "zh"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut url).unwrap();
        assert!(
            url.contains("/lab/tree/zh/01_basic_call.ipynb?token="),
            "{url}"
        );
        let port = url.split(['/', ':']).nth(4).unwrap().parse().unwrap();
        let token = url.trim().split("token=").nth(1).unwrap().to_owned();
        Lab { child, port, token }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        let token = &self.token;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {token}\r\n\
             Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn running(kernel: &Kernel) -> usize {
    fs::read_dir(kernel.cache.join("lab/running")).map_or(0, |entries| entries.count())
}

fn interrupt(id: u32) {
    let done = Command::new("kill")
        .args(["-INT", &id.to_string()])
        .status();
    assert!(done.unwrap().success());
}

#[test]
fn ctrl_c_ends_jupyterlab_and_its_kernels_and_leaves_nothing() {
    let kernel = Kernel::installed();
    let mut lab = Lab::start(&kernel);
    let specs = lab.ask("GET", "/api/kernelspecs", "");
    assert!(specs.contains(r#""default": "anymodel""#), "{specs}");
    assert!(specs.contains("Rust (anymodel)"), "{specs}");
    let refused = {
        let token = std::mem::take(&mut lab.token);
        let answer = lab.ask("GET", "/api/kernelspecs", "");
        lab.token = token;
        answer
    };
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    let settings = lab.ask(
        "GET",
        "/lab/api/settings/@jupyterlab/apputils-extension:notification",
        "",
    );
    assert!(settings.starts_with("HTTP/1.1 200"), "{settings}");

    let started = lab.ask("POST", "/api/kernels", r#"{"name":"anymodel"}"#);
    assert!(started.starts_with("HTTP/1.1 201"), "{started}");
    let own = kernel.cache.join("lab/running").display().to_string();
    // JupyterLab itself and the kernel: both know the folder of this run.
    assert!(wait_for(Duration::from_secs(30), || processes_with(&own)
        .len()
        >= 2));

    interrupt(lab.child.id());
    let status = lab.child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(
        wait_for(Duration::from_secs(10), || processes_with(&own).is_empty()),
        "{:?}",
        processes_with(&own)
    );
    assert_eq!(running(&kernel), 0);
}

#[test]
fn a_lab_that_is_killed_takes_jupyterlab_with_it_and_the_next_one_cleans_up() {
    let kernel = Kernel::installed();
    let mut lab = Lab::start(&kernel);
    let started = lab.ask("POST", "/api/kernels", r#"{"name":"anymodel"}"#);
    assert!(started.starts_with("HTTP/1.1 201"), "{started}");
    let own = kernel.cache.join("lab/running").display().to_string();
    kill(lab.child.id());
    lab.child.wait().unwrap();
    assert!(
        wait_for(Duration::from_secs(30), || processes_with(&own).is_empty()),
        "{:?}",
        processes_with(&own)
    );
    assert!(running(&kernel) > 0, "nobody was left to clean up");
    let mut next = Lab::start(&kernel);
    assert_eq!(running(&kernel), 2, "a folder and its lock");
    interrupt(next.child.id());
    next.child.wait().unwrap();
    assert_eq!(running(&kernel), 0);
}

#[test]
fn the_check_asks_jupyterlab_runs_every_notebook_and_prints_a_table() {
    let kernel = Kernel::installed();
    let output = kernel
        .command(&["lab", "--check", "--language", "en"])
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("12 passed, 0 failed"), "{text}");
    assert!(text.contains("│ notebooks/en/12_caching.ipynb"), "{text}");
    assert!(
        text.contains("✓ JupyterLab lists the kernel and the lessons"),
        "{text}"
    );
}
