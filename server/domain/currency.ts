/**
 * The currencies in which tickets are sold: ISO 4217 codes that Stripe charges, and its rules for
 * their minor units. https://docs.stripe.com/currencies (presentment, zero and three decimals).
 */

const charged = new Set(
  `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD
  CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD
  HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL
  MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP
  PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TND TOP TRY TTD
  TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW`.split(/\s+/),
)
const threeDecimal = new Set('BHD JOD KWD OMR TND'.split(' '))
/** Without cents in life, but charged in hundredths that must be zero. */
const wholeHundreds = new Set('ISK UGX'.split(' '))

/** True for an upper-case code in which we can charge. */
export function isCurrency(code: string): boolean {
  return charged.has(code)
}

/** Amounts must be multiples of this many minor units. */
export function amountStep(currency: string): number {
  if (threeDecimal.has(currency)) return 10
  return wholeHundreds.has(currency) ? 100 : 1
}
