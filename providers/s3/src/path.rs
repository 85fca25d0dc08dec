//! Where the object of a key lies.

use object_store::path::Path;
use omni_kv_parts::Room;
use tck_api::{Error, Result};

/// File systems under a server hold names of 255 bytes.
const SEGMENT: usize = 250;

/// The room for a namespace: a segment.
pub(crate) const NAMESPACE: Room = Room::of(SEGMENT);

/// The room for a key: three segments.
pub(crate) const KEY: Room = Room::of(685);

/// Ends a segment that others follow, and no last one: a name may then be the beginning of
/// another, and be no folder.
const MORE: char = '+';

/// The path of the object with this name in a folder.
pub(crate) fn path(folder: &str, name: &str) -> Result<Path> {
    let mut path = folder.to_owned();
    let mut rest = name;
    while let Some((segment, more)) = cut(rest) {
        path.push('/');
        path.push_str(segment);
        path.push(MORE);
        rest = more;
    }
    path.push('/');
    path.push_str(rest);
    Path::parse(path.trim_start_matches('/')).map_err(|error| Error::invalid_key(error.to_string()))
}

/// The first segment of a name that has more than one.
fn cut(name: &str) -> Option<(&str, &str)> {
    let length = match name.get(SEGMENT..)? {
        "" => return None,
        // Alone they are no names of files. With two more letters they are.
        "." | ".." => SEGMENT - 2,
        _ => SEGMENT,
    };
    name.split_at_checked(length)
}

/// The key whose object lies there, if one does.
pub(crate) fn key(folder: &str, object: &Path) -> Option<String> {
    let rest = object
        .as_ref()
        .strip_prefix(folder.trim_start_matches('/'))?;
    let name = rest.strip_prefix('/')?.replace("+/", "");
    let key = KEY.text(&name)?;
    // A name lies in one place: others that would read the same are not ours.
    (path(folder, &name).ok()? == *object).then_some(key)
}

#[cfg(test)]
mod tests {
    use omni_kv_parts::quoted;

    use super::*;

    #[test]
    fn a_key_has_a_place_and_a_place_its_key() {
        let longest = "k".repeat(KEY.longest());
        for text in [
            "ada",
            "",
            "a/b",
            "..",
            "größe",
            "a+b",
            &"k".repeat(250),
            &longest,
        ] {
            let name = KEY.name(text).expect("it has a name");
            let path = path("folder/space", &name).expect("it has a path");
            assert!(path.parts().all(|part| part.as_ref().len() <= 255));
            assert_eq!(key("folder/space", &path).as_deref(), Some(text));
        }
    }

    #[test]
    fn dots_alone_are_no_segment() {
        for (length, dots) in [248, 249, 250, 498, 499, 500]
            .into_iter()
            .flat_map(|length| ["", ".", "..", "...", "...."].map(|dots| (length, dots)))
        {
            let text = "k".repeat(length) + dots;
            let path = path("space", &text).expect("it has a path");
            assert!(path.parts().all(|part| part.as_ref().len() <= 251));
            assert_eq!(key("space", &path), Some(text));
        }
        assert!(path("space", &quoted(&".".repeat(512))).is_ok());
    }

    #[test]
    fn places_of_others_have_no_key() {
        for other in ["space", "space/a/b", "space/a+/b", "spaceship/a", "space/ä"] {
            assert_eq!(key("space", &Path::from(other)), None, "{other}");
        }
    }
}
