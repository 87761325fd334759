/**
 * Amounts as Stripe prints them in its messages: "$10.00", "¥500".
 */

const zeroDecimal = new Set(
  'bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '),
)

const currencies = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()))

/** Stripe's least amounts per charge, in minor units; other currencies have 1 here. */
const minimumAmounts: Readonly<Record<string, number>> = {
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  eur: 50,
  gbp: 30,
  jpy: 50,
  nzd: 50,
  sgd: 50,
  usd: 50,
}

/** Lower-case ISO 4217. */
export function isCurrency(code: string): boolean {
  return currencies.has(code)
}

export function minimumAmount(currency: string): number {
  return minimumAmounts[currency] ?? 1
}

export function moneyText(amount: number, currency: string): string {
  const digits = zeroDecimal.has(currency) ? 0 : 2
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits)
}
