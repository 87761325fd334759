/**
 * What pages point to must be there: files that they link, and files and folders of this project
 * that they name in backticks. A page that promises where something is kept is wrong the day after
 * a file was moved.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { linesOf } from './lengths.ts'
import { listFiles, projectRoot, type Violation } from './source.ts'

/** `](docs/errors.md#part)`, but no address of the web and no place on the same page. */
const link = /\]\((?!https?:|mailto:|#)([^)\s#]+)/g

/** `server/domain/access.ts` or `test/access`, but no pattern such as `server/*.ts`. */
const named =
  /`((?:bench|chaos|client|docs|migrations|ops|regions|server|stripe-simulator|test|web)\/[\w./-]*)`/g

/** @param exists takes a path from the project's root */
export function checkMentionedFiles(
  path: string,
  text: string,
  exists: (path: string) => boolean,
): Violation[] {
  const linked = (target: string) => normalize(join(dirname(path), target))
  return linesOf(text).flatMap((content, index) => {
    const links = [...content.matchAll(link)].map(([, target = '']) => linked(target))
    const names = [...content.matchAll(named)].map(([, target = '']) => target)
    return [...links, ...names]
      .filter((target) => !exists(target))
      .map((target) => ({
        path,
        line: index + 1,
        message: `points to ${target}, which is missing`,
      }))
  })
}

export async function checkPages(root = projectRoot): Promise<Violation[]> {
  const pages = (await listFiles(root)).filter((path) => path.endsWith('.md'))
  const exists = (path: string) => existsSync(join(root, path))
  const found = pages.map(async (path) =>
    checkMentionedFiles(path, await readFile(join(root, path), 'utf8'), exists),
  )
  return (await Promise.all(found)).flat()
}
