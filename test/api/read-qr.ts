/** What a scanner reads from a PNG. */
import jsqr from 'jsqr'
import { PNG } from 'pngjs'

/** The module is CommonJS with a default of its own; its types know only that one. */
const decode = (jsqr as unknown as { default?: typeof jsqr.default }).default ?? jsqr

export function readQr(png: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(png)
  const read = decode as unknown as typeof jsqr.default
  return read(new Uint8ClampedArray(data), width, height)?.data
}
