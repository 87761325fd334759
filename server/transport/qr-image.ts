/** A ticket code as a QR image. Level M: a code of some 270 characters stays scannable on a phone. */
import { toBuffer, toString as toText } from 'qrcode'

export type QrImage = { readonly type: string; readonly data: string }

/** SVG as text, PNG as base64. */
export async function qrImage(code: string, format: 'svg' | 'png'): Promise<QrImage> {
  const options = { errorCorrectionLevel: 'M', margin: 2 } as const
  if (format === 'svg') {
    return { type: 'image/svg+xml', data: await toText(code, { ...options, type: 'svg' }) }
  }
  const png = await toBuffer(code, { ...options, type: 'png', width: 512 })
  return { type: 'image/png', data: png.toString('base64') }
}
