import { expect, it } from 'vitest'
import { importsOf } from './imports.ts'
import { parseSource } from './source.ts'

const imports = (text: string) =>
  importsOf(parseSource('server/stores/sale/orders.ts', text)).map((one) => [
    one.target,
    one.typeOnly,
    one.names.join(),
  ])

it('finds every way to import', () => {
  expect(imports("import { a, type B } from '../../platform/ids.ts'")).toEqual([
    ['server/platform/ids.ts', false, 'a,B'],
  ])
  expect(imports("export { a } from './x.ts'")).toEqual([['server/stores/sale/x.ts', false, 'a']])
  expect(imports("export * from './x.ts'")).toEqual([['server/stores/sale/x.ts', false, '*']])
  expect(imports("const a = await import('../x.ts')")).toEqual([['server/stores/x.ts', false, '']])
  expect(imports("import './x.ts'")).toEqual([['server/stores/sale/x.ts', false, '']])
  expect(imports("import pg from 'pg'")).toEqual([['pg', false, 'default']])
  expect(imports("import * as z from 'zod/v4'")).toEqual([['zod', false, '*']])
  expect(imports("import { x } from '@trpc/server/adapters/fetch'")).toEqual([
    ['@trpc/server', false, 'x'],
  ])
})

it('tells what is only a type', () => {
  expect(imports("import type { A } from './x.ts'")[0]?.[1]).toBe(true)
  expect(imports("import { type A, type B } from './x.ts'")[0]?.[1]).toBe(true)
  expect(imports("let a: import('./x.ts').A")).toEqual([['server/stores/sale/x.ts', true, 'A']])
  expect(imports("export type { A } from './x.ts'")[0]?.[1]).toBe(true)
})

it('is not misled by words', () => {
  expect(imports("// import { a } from './x.ts'\nconst s = \"import './y.ts'\"")).toEqual([])
})
