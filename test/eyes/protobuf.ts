/**
 * Protocol Buffers as they are on the wire, without a schema: fields by number, in order. Enough to
 * read what an exporter sent. https://protobuf.dev/programming-guides/encoding/
 */
export type Field = { readonly number: number; readonly value: bigint | Buffer }

const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

export function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at)
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (bytes: number): Buffer => {
    if (at + bytes > message.length) throw new RangeError('a field is cut off')
    at += bytes
    return message.subarray(at - bytes, at)
  }
  while (at < message.length) {
    const tag = Number(varint())
    const number = tag >> 3
    switch (tag & 7) {
      case wireTypes.varint:
        fields.push({ number, value: varint() })
        break
      case wireTypes.fixed64:
        fields.push({ number, value: take(8).readBigUInt64LE() })
        break
      case wireTypes.bytes:
        fields.push({ number, value: take(Number(varint())) })
        break
      case wireTypes.fixed32:
        fields.push({ number, value: BigInt(take(4).readUInt32LE()) })
        break
      default:
        throw new TypeError(`a wire type that is none: ${tag & 7}`)
    }
  }
  return fields
}

/** The messages, strings or bytes under a number. */
export function partsOf(message: Buffer, number: number): Buffer[] {
  return fieldsOf(message).flatMap((field) =>
    field.number === number && Buffer.isBuffer(field.value) ? [field.value] : [],
  )
}

export function partOf(message: Buffer, number: number): Buffer {
  return partsOf(message, number)[0] ?? Buffer.alloc(0)
}

/** 0 when it is not there, as the format has it. */
export function numberOf(message: Buffer, number: number): bigint {
  const found = fieldsOf(message).find((field) => field.number === number)
  return typeof found?.value === 'bigint' ? found.value : 0n
}
