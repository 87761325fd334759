/**
 * Stripe's secret keys, of test mode only: a live key has no business here and is refused, so that
 * a wrong setting shows at the first call.
 */
import { ApiError } from './api-error.ts'

const testKey = /^(sk|rk)_test_\S+$/

/** Takes `Bearer <key>` or Basic authentication with the key as user name. */
export function authenticateCaller(authorization: string | undefined): void {
  const key = readKey(authorization ?? '')
  if (key === '') {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    )
  }
  if (!testKey.test(key)) {
    throw unauthorized(
      `Invalid API Key provided: ${key.slice(0, 8)}****. The simulator takes test keys only (sk_test_…).`,
    )
  }
}

function readKey(authorization: string): string {
  const [scheme = '', credentials = ''] = authorization.split(' ')
  if (scheme.toLowerCase() === 'bearer') return credentials
  if (scheme.toLowerCase() !== 'basic') return ''
  return Buffer.from(credentials, 'base64').toString().split(':')[0] ?? ''
}

function unauthorized(message: string): ApiError {
  return new ApiError(401, { type: 'invalid_request_error', message })
}
