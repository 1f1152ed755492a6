//! Pictures whose names say something else than their bytes.

use anymodel::Image;

use super::samples::{GIF, JPEG, PNG, WEBP};

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
