import type { BuildFacts } from './build-facts.ts'

/** Neither of any build's business, nor fit for an image: history, state with secrets, settings of one machine, files like this. */
const ALWAYS = [
  '**/.git',
  '**/.sluice',
  '**/.env',
  '**/.env.*',
  '**/*.log',
  '**/.DS_Store',
  'Dockerfile*',
  '.dockerignore',
  'compose*.yaml',
]

/** What is made anew in the image, or only tests. */
const NODE = [
  '**/node_modules',
  '**/coverage',
  ...['test', 'spec'].flatMap(kind => ['[jt]s', '[jt]sx', '[cm][jt]s'].map(end => `**/*.${kind}.${end}`)),
]

/** What Sluice renders beside the blueprint; it stands in the context of a service that is built from that very folder. */
const RENDERED = ['.github', 'ecs', 'kubernetes', 'observability', 'organization', 'terraform']

export function dockerignore({
  header,
  build,
  context,
}: {
  readonly header: string
  readonly build: BuildFacts
  /** Below the blueprint's folder; '' is itself. */
  readonly context: string
}): string {
  const patterns = [
    ...ALWAYS,
    ...(build.language === 'node' ? NODE : []),
    ...(build.language === 'node' && build.scripts.build !== undefined ? [build.output] : []),
    ...(context === '' ? RENDERED : []),
  ]
  return `# ${header}\n${patterns.join('\n')}\n`
}
