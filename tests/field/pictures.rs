//! Pictures whose names say something else than their bytes.

use anymodel::Image;

pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF";
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
pub const GIF: &[u8] = b"GIF89a";
pub const WEBP: &[u8] = b"RIFF\x00\x00\x00\x00WEBPVP8 ";

#[test]
fn a_picture_is_what_its_bytes_say() {
    // https://github.com/1jehuang/jcode/issues/465
    for (bytes, expected) in [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (b"something else", "image/png"),
    ] {
        let Image::Data { media_type, .. } = Image::data("image/png", bytes) else {
            panic!("a picture at hand is data");
        };
        assert_eq!(media_type, expected);
    }
}
