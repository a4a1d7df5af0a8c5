/** Without a leading `./`, a trailing or doubled slash; the folder itself is ''. */
export function plainPath(path: string): string {
  return path
    .split('/')
    .filter(part => part !== '' && part !== '.')
    .join('/')
}

/** A path below a folder that needs no quotes anywhere; undefined for every other value. */
export function simplePath(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const path = plainPath(value)
  return /^(?:(?!\.\.?(?:\/|$))[\w@.+-]+(?:\/|$))+$/.test(path) && !value.startsWith('/') ? path : undefined
}

/** The first folder of a path; undefined where it has none. */
export function folderIn(path: string | undefined): string | undefined {
  return path?.includes('/') === true ? path.split('/')[0] : undefined
}
