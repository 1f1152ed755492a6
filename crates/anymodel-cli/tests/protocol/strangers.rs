//! Whatever arrives on a socket, the kernel goes on.

use jupyter_protocol::{InterruptReply, JupyterMessage, KernelInfoRequest, UnknownMessage};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use zeromq::{DealerSocket, Socket, SocketSend, ZmqMessage};

use crate::client::Kernel;
use crate::process::Process;

/// Frames on a socket of the kernel, as no client of Jupyter would send them.
async fn send_frames(port: u16, frames: &[&[u8]]) -> DealerSocket {
    let mut socket = DealerSocket::new();
    socket
        .connect(&format!("tcp://127.0.0.1:{port}"))
        .await
        .unwrap();
    let mut message = ZmqMessage::from(frames[0].to_vec());
    for frame in &frames[1..] {
        message.push_back(frame.to_vec().into());
    }
    socket.send(message).await.unwrap();
    // Held, because what is under way is lost with the socket.
    socket
}

#[tokio::test]
async fn a_kernel_survives_bytes_that_are_no_zeromq() {
    let mut kernel = Kernel::start().await;
    let info = &kernel.process.info;
    let ports = [
        info.shell_port,
        info.control_port,
        info.stdin_port,
        info.iopub_port,
        info.hb_port,
    ];
    for port in ports {
        for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 3000], &[]] {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            stream.write_all(bytes).await.unwrap();
        }
    }
    let reply = kernel.ask(KernelInfoRequest {}).await.reply;
    assert_eq!(reply["status"], "ok");
    assert_eq!(kernel.run("let a = 1;").await.reply["execution_count"], 1);
}

#[tokio::test]
async fn a_message_without_the_right_signature_is_not_obeyed() {
    let mut kernel = Kernel::start().await;
    let mut forged = kernel.process.info.clone();
    forged.key = "another key".to_owned();
    let mut forger = jupyter_zmq_client::create_client_control_connection(&forged, "forger")
        .await
        .unwrap();
    let shutdown = jupyter_protocol::ShutdownRequest { restart: false };
    forger.send(shutdown.into()).await.unwrap();
    let info = &kernel.process.info;
    let frames: &[&[u8]] = &[b"<IDS|MSG>", b"not hex", b"{}", b"{}", b"{}", b"{}"];
    let _other = send_frames(info.shell_port, frames).await;

    let answer = tokio::time::timeout(std::time::Duration::from_secs(1), forger.read()).await;
    assert!(answer.is_err(), "nobody answers");
    assert_eq!(kernel.run("let a = 1;").await.reply["execution_count"], 1);
}

#[tokio::test]
async fn a_kernel_survives_messages_that_make_no_sense() {
    // Without a key, so that everything gets past the signature.
    let mut kernel = Kernel::of(Process::start("").await).await;
    let port = kernel.process.info.shell_port;
    let header = br#"{"msg_id":"1","username":"u","session":"s","msg_type":"execute_request","version":"5.3"}"#;
    let nonsense: [&[&[u8]]; 8] = [
        &[b""],
        &[b"<IDS|MSG>"],
        &[b"<IDS|MSG>", b""],
        &[b"<IDS|MSG>", b"", b"{}", b"{}"],
        &[b"<IDS|MSG>", b"", b"no json", b"{}", b"{}", b"{}"],
        &[b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"],
        &[b"<IDS|MSG>", b"", header, b"{}", b"{}", b"\xff\xfe"],
        &[b"<IDS|MSG>", b"", header, b"[]", b"null", b"{\"code\": 7}"],
    ];
    let mut sockets = Vec::new();
    for frames in nonsense {
        sockets.push(send_frames(port, frames).await);
        sockets.push(send_frames(kernel.process.info.control_port, frames).await);
        sockets.push(send_frames(kernel.process.info.stdin_port, frames).await);
    }
    // Well formed, but unknown, or in the wrong place.
    let unknown = UnknownMessage {
        msg_type: "teleport_request".to_owned(),
        content: json!({ "to": "the moon" }),
    };
    kernel.send(unknown.clone()).await;
    kernel.send(InterruptReply::new()).await;
    kernel
        .control
        .send(JupyterMessage::new(unknown.clone(), None))
        .await
        .unwrap();
    kernel
        .stdin
        .send(JupyterMessage::new(unknown, None))
        .await
        .unwrap();
    let reply = kernel.control(KernelInfoRequest {}).await;
    assert_eq!(reply["status"], "ok");
    assert_eq!(kernel.run("let a = 1;").await.reply["execution_count"], 1);
}
