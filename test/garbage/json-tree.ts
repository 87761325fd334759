/**
 * JSON as text that may be wrong on purpose: a tree whose leaves and keys are raw text or bytes, so
 * that doubled keys, lone surrogates, 1e309 and invalid UTF-8 can be written down.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

export type Raw = string | Buffer

export type Member = { key: Raw; value: Node }

/** A place in the tree; breakers write into it. */
export type Node =
  | { kind: 'object'; members: Member[] }
  | { kind: 'array'; items: Node[] }
  | { kind: 'raw'; text: Raw; was: 'null' | 'boolean' | 'number' | 'string' | 'other' }

export function treeOf(json: Json): Node {
  if (isList(json)) return { kind: 'array', items: json.map(treeOf) }
  if (json !== null && typeof json === 'object') {
    const members = Object.entries(json).map(([key, value]) => ({
      key: JSON.stringify(key),
      value: treeOf(value),
    }))
    return { kind: 'object', members }
  }
  const was = json === null ? 'null' : (typeof json as 'boolean' | 'number' | 'string')
  return { kind: 'raw', text: JSON.stringify(json), was }
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}

export function raw(text: Raw): Node {
  return { kind: 'raw', text, was: 'other' }
}

/** The root first, then everything below it. */
export function placesIn(root: Node): Node[] {
  if (root.kind === 'object') return [root, ...root.members.flatMap(({ value }) => placesIn(value))]
  if (root.kind === 'array') return [root, ...root.items.flatMap(placesIn)]
  return [root]
}

/** Turns a place into something else without touching what holds it. */
export function become(place: Node, other: Node): void {
  for (const name of Object.keys(place)) Reflect.deleteProperty(place, name)
  Object.assign(place, other)
}

/** Takes a place out of the object or array that holds it; false for the root. */
export function removeFrom(root: Node, place: Node): boolean {
  for (const holder of placesIn(root)) {
    if (holder.kind === 'object') {
      const at = holder.members.findIndex(({ value }) => value === place)
      if (at >= 0) return holder.members.splice(at, 1).length === 1
    }
    if (holder.kind === 'array') {
      const at = holder.items.indexOf(place)
      if (at >= 0) return holder.items.splice(at, 1).length === 1
    }
  }
  return false
}

export function bytesOf(root: Node): Buffer {
  const parts: Buffer[] = []
  const add = (text: Raw) => parts.push(typeof text === 'string' ? Buffer.from(text) : text)
  const write = (node: Node): void => {
    if (node.kind === 'raw') add(node.text)
    else if (node.kind === 'array') {
      add('[')
      for (const [index, item] of node.items.entries()) {
        if (index > 0) add(',')
        write(item)
      }
      add(']')
    } else {
      add('{')
      for (const [index, { key, value }] of node.members.entries()) {
        if (index > 0) add(',')
        add(key)
        add(':')
        write(value)
      }
      add('}')
    }
  }
  write(root)
  return Buffer.concat(parts)
}

/**
 * As the server reads it: what is no UTF-8 becomes U+FFFD, and a byte order mark is passed over.
 * Undefined: no JSON.
 */
export function parsed(bytes: Buffer): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as unknown }
  } catch {
    return undefined
  }
}
