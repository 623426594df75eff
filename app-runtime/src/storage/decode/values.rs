//! Single values, as they stand inside arrays and objects, and the special forms of top-level fields.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bson::{RawArray, RawBsonRef, RawDocument};

use crate::protocol::dates;
use crate::storage::error::{StorageError, StorageResult};

pub(super) fn write_nested(value: RawBsonRef<'_>, out: &mut Vec<u8>) -> StorageResult<()> {
    match value {
        RawBsonRef::String(text) | RawBsonRef::Symbol(text) => write_text(text, out),
        RawBsonRef::Int32(number) => write_integer(i64::from(number), out),
        RawBsonRef::Int64(number) => write_integer(number, out),
        RawBsonRef::Double(number) => write_double(number, out),
        RawBsonRef::Boolean(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        RawBsonRef::DateTime(at) => {
            out.extend_from_slice(br#"{"__type":"Date","iso":""#);
            dates::write_iso(at.timestamp_millis(), out);
            out.extend_from_slice(br#""}"#);
        }
        RawBsonRef::Document(document) => write_document(document, out)?,
        RawBsonRef::Array(array) => write_array(array, out)?,
        RawBsonRef::Binary(binary) => {
            out.extend_from_slice(br#"{"__type":"Bytes","base64":""#);
            out.extend_from_slice(BASE64.encode(binary.bytes).as_bytes());
            out.extend_from_slice(br#""}"#);
        }
        RawBsonRef::ObjectId(id) => write_text(&id.to_hex(), out),
        RawBsonRef::Decimal128(number) => write_text(&number.to_string(), out),
        _ => out.extend_from_slice(b"null"),
    }
    Ok(())
}

fn write_document(document: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
    out.push(b'{');
    for (position, element) in document.iter().enumerate() {
        let (key, value) = element?;
        if position > 0 {
            out.push(b',');
        }
        write_text(key.as_str(), out);
        out.push(b':');
        write_nested(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_array(array: &RawArray, out: &mut Vec<u8>) -> StorageResult<()> {
    out.push(b'[');
    for (position, value) in array.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_nested(value?, out)?;
    }
    out.push(b']');
    Ok(())
}

pub(super) fn write_geo_point(point: &RawArray, out: &mut Vec<u8>) -> StorageResult<()> {
    let [longitude, latitude] = pair(point)?;
    out.extend_from_slice(br#"{"__type":"GeoPoint","latitude":"#);
    write_double(latitude, out);
    out.extend_from_slice(br#","longitude":"#);
    write_double(longitude, out);
    out.push(b'}');
    Ok(())
}

/// GeoJSON's `[longitude, latitude]` ring as Parse's `[latitude, longitude]`.
pub(super) fn write_polygon(shape: &RawDocument, out: &mut Vec<u8>) -> StorageResult<()> {
    let corrupt = |_| StorageError::Corrupt("a Polygon without coordinates".into());
    out.extend_from_slice(br#"{"__type":"Polygon","coordinates":["#);
    let rings = shape.get_array("coordinates").map_err(corrupt)?;
    if let Some(RawBsonRef::Array(ring)) = rings.into_iter().next().transpose()? {
        for (position, point) in ring.into_iter().enumerate() {
            if let RawBsonRef::Array(point) = point? {
                let [longitude, latitude] = pair(point)?;
                out.extend_from_slice(if position == 0 { b"[" } else { b",[" });
                write_double(latitude, out);
                out.push(b',');
                write_double(longitude, out);
                out.push(b']');
            }
        }
    }
    out.extend_from_slice(b"]}");
    Ok(())
}

fn pair(array: &RawArray) -> StorageResult<[f64; 2]> {
    let mut numbers = [0.0; 2];
    for (slot, value) in numbers.iter_mut().zip(array) {
        *slot = match value? {
            RawBsonRef::Double(number) => number,
            RawBsonRef::Int32(number) => f64::from(number),
            RawBsonRef::Int64(number) => number as f64,
            _ => return Err(StorageError::Corrupt("a coordinate that is not a number".into())),
        };
    }
    Ok(numbers)
}

pub(super) fn write_file(base: &str, name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"__type":"File","name":"#);
    write_text(name, out);
    out.extend_from_slice(br#","url":"#);
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    write_text(&format!("{base}/{}", encoded.replace('+', "%20")), out);
    out.push(b'}');
}

pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    // Nearly all texts and all names stand in JSON as they are; looking for that first is several times as fast.
    if text
        .bytes()
        .all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
    {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        serde_json::to_writer(out, text).expect("writing text to memory cannot fail");
    }
}

fn write_integer(number: i64, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &number).expect("writing a number to memory cannot fail");
}

/// As JavaScript prints it: no `.0` behind whole numbers; NaN and infinities, which JSON lacks, are null.
fn write_double(number: f64, out: &mut Vec<u8>) {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        write_integer(number as i64, out);
    } else {
        serde_json::to_writer(out, &number).expect("writing a number to memory cannot fail");
    }
}
