"""Reads a TensorBoard event file without TensorBoard: TFRecord frames with their checksums, Event messages.

    import read_tfevents
    read_tfevents.scalars("run.tfevents")  # {"loss/train": [(step, wall time, value), ...], ...}
"""
import struct


def masked_crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    while data:
        length, checksum = struct.unpack("<QI", data[:12])
        assert checksum == masked_crc32c(data[:8]), "a length's checksum"
        record, (checksum,) = data[12:12 + length], struct.unpack("<I", data[12 + length:16 + length])
        assert checksum == masked_crc32c(record), "a record's checksum"
        yield record
        data = data[16 + length:]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def fields(message):
    """Pairs of field number and value: a whole number, 8 or 4 bytes, or the bytes of a text or message."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == 0:
            value, at = varint(message, at)
        else:
            size, at = {1: (8, at), 5: (4, at)}.get(key & 7) or varint(message, at)
            value, at = message[at:at + size], at + size
        yield key >> 3, value


def scalars(path):
    found = {}
    with open(path, "rb") as file:
        events = [dict(fields(record)) for record in records(file.read())]
    assert events[0][3] == b"brain.Event:2"
    for event in events[1:]:
        for _, value in fields(event[5]):
            value = dict(fields(value))
            place = event[2], struct.unpack("<d", event[1])[0], struct.unpack("<f", value[2])[0]
            found.setdefault(value[1].decode(), []).append(place)
    return found
