//! The modifiers of PostGIS's `geometry` and `geography`: kind of shape, further dimensions and reference system
//! (`gserialized_typmod_in`, `postgis_typmod_out`).

use super::Failure;
use crate::diagnostic::SqlState;
use crate::tree::Location;

/// The kinds of shapes by number; no kind is 0.
const SHAPES: [&str; 16] = [
    "Geometry",
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
    "CircularString",
    "CompoundCurve",
    "CurvePolygon",
    "MultiCurve",
    "MultiSurface",
    "PolyhedralSurface",
    "Triangle",
    "Tin",
];

/// The reference system of `geography` where none is written.
const LONGITUDE_LATITUDE: i32 = 4326;

/// The largest number of a reference system.
const MAXIMUM: i32 = 999_999;

const HAS_Z: i32 = 2;
const HAS_M: i32 = 1;

/// Whether the function is one of PostGIS's for modifiers.
pub(super) fn is_input(function: &str) -> bool {
    matches!(function, "geometry_typmod_in" | "geography_typmod_in")
}

/// The modifier as a number.
pub(super) fn read(function: &str, arguments: &[String], location: Location) -> Result<i32, Failure> {
    let invalid = |message: String| Failure::new(SqlState::INVALID_PARAMETER, message, location);
    let mut system = if function == "geography_typmod_in" { LONGITUDE_LATITUDE } else { 0 };
    let Some(written) = arguments.first() else { return Ok(system << 8) };
    let shape = shape(written).ok_or_else(|| invalid(format!("`{written}` is not a kind of geometry")))?;
    if let Some(number) = arguments.get(1) {
        let given: i32 = number.trim().parse().map_err(|_| {
            Failure::new(
                SqlState::INVALID_TEXT,
                format!("`{number}` is not the number of a reference system"),
                location,
            )
        })?;
        if given > MAXIMUM {
            return Err(invalid(format!("the reference system {given} is beyond {MAXIMUM}"))
                .note("PostGIS would put another one in its place"));
        }
        if given > 0 {
            system = given;
        }
    }
    Ok(system << 8 | shape)
}

/// Kind and dimensions: a name in any case, with `Z`, `M` or `ZM` behind it (`geometry_type_from_string`).
fn shape(written: &str) -> Option<i32> {
    let name = written.trim().to_ascii_lowercase();
    (0..).zip(SHAPES).find_map(|(number, shape): (i32, &str)| {
        let dimensions = match name.strip_prefix(&shape.to_ascii_lowercase())?.trim_start() {
            "" => 0,
            "z" => HAS_Z,
            "m" => HAS_M,
            "zm" => HAS_Z | HAS_M,
            _ => return None,
        };
        Some(number << 2 | dimensions)
    })
}

/// What is written after the type's name.
pub(super) fn write(typmod: i32) -> String {
    let system = ((typmod & 0x0fff_ff00) - (typmod & 0x1000_0000)) >> 8;
    let (shape, dimensions) = (typmod >> 2 & 0x3f, typmod & 3);
    if system == 0 && shape == 0 && dimensions == 0 {
        return String::new();
    }
    let name = usize::try_from(shape).ok().and_then(|shape| SHAPES.get(shape)).copied().unwrap_or("Geometry");
    let z = if dimensions & HAS_Z != 0 { "Z" } else { "" };
    let m = if dimensions & HAS_M != 0 { "M" } else { "" };
    let system = if system == 0 { String::new() } else { format!(",{system}") };
    format!("({name}{z}{m}{system})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_are_read_and_written() {
        let round = |function: &str, arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
            read(function, &arguments, None).map(write)
        };
        let geometry = |arguments: &[&str]| round("geometry_typmod_in", arguments).unwrap();
        assert_eq!(geometry(&["point", "4326"]), "(Point,4326)");
        assert_eq!(geometry(&["MULTIPOLYGONZ", "3857"]), "(MultiPolygonZ,3857)");
        assert_eq!(geometry(&["GeometryCollection"]), "(GeometryCollection)");
        assert_eq!(geometry(&["LineString ZM"]), "(LineStringZM)");
        assert_eq!(geometry(&["Geometry", "4326"]), "(Geometry,4326)");
        assert_eq!(geometry(&["Geometry"]), "");
        assert_eq!(round("geography_typmod_in", &["Point"]).unwrap(), "(Point,4326)");
        assert_eq!(read("geometry_typmod_in", &["Point".to_owned(), "4326".to_owned()], None), Ok(1_107_460));
        assert!(round("geometry_typmod_in", &["Circle"]).is_err());
        assert!(round("geometry_typmod_in", &["Point", "x"]).is_err());
    }
}
