import { Script } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Instruction, instructionsOf, renderedDocker } from './docker.fixture.ts'

const INSTRUCTIONS = 'FROM WORKDIR COPY RUN ENV USER EXPOSE STOPSIGNAL HEALTHCHECK CMD'.split(' ')
const PACKAGE_MANAGERS = ['npm@11.0.0', 'pnpm@10.1.0', 'yarn@1.22.22', 'yarn@4.9.1', 'other@1']
const FILES = [
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  '.npmrc',
  '.yarnrc.yml',
  'patches/a.patch',
  'public/a.css',
  'src/main.ts',
]

const words = fc.array(fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }), {
  minLength: 1,
  maxLength: 4,
})
const line = fc.oneof(
  fc.string({ maxLength: 30, unit: 'binary' }),
  fc.constantFrom('node dist/main.js', 'next start', 'node src/a.js && node b.js'),
)

const manifest = fc.record(
  {
    packageManager: fc.constantFrom(...PACKAGE_MANAGERS),
    scripts: fc.record({ build: line, dev: line, start: line, prepare: line }, { requiredKeys: [] }),
    main: line,
    dependencies: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
    engines: fc.record({ node: line }),
  },
  { requiredKeys: [] },
)

const folder = fc.record({
  manifest: fc.option(manifest),
  files: fc.subarray(FILES),
  tsconfig: fc.option(line.map(outDir => JSON.stringify({ compilerOptions: { outDir } }))),
})

const service = fc.record(
  {
    command: words,
    port: fc.integer({ min: 1, max: 65_535 }),
    health: fc.stringMatching(/^\/[!-"$-)+->@-~]{0,20}$/),
    config: fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.string(), { maxKeys: 2 }),
    ingress: fc.boolean(),
    grace: fc.integer({ min: 1, max: 600 }),
  },
  { requiredKeys: [] },
)

const cases = fc.record({ first: service, second: service, folder })

function rendered({
  first,
  second,
  folder: given,
}: typeof cases extends fc.Arbitrary<infer Case> ? Case : never) {
  const build = { context: './app', target: 'release' }
  const services = {
    first: { build, ...first },
    second: { build, ...second, after: ['first'], ingress: '/second' },
  }
  const blueprint = JSON.stringify({ project: 'any', services, environments: { dev: {}, prod: {} } })
  const files: [name: string, text: string][] = [
    ...given.files.map((name): [string, string] => [name, '']),
    ...fileOf('package.json', given.manifest === null ? null : JSON.stringify(given.manifest)),
    ...fileOf('tsconfig.json', given.tsconfig),
  ]
  return renderedDocker(blueprint, Object.fromEntries(files.map(([name, text]) => [`app/${name}`, text])))
}

function fileOf(name: string, text: string | null): [name: string, text: string][] {
  return text === null ? [] : [[name, text]]
}

function dockerfilesOf(files: ReturnType<typeof rendered>): (readonly Instruction[])[] {
  const names = Object.keys(files).filter(
    path => /Dockerfile(?:\.\w+)?$/.test(path) && !path.endsWith('ignore'),
  )
  return names.map(name => instructionsOf(files[name] ?? ''))
}

/** The stages that a stage or a COPY takes something from stand before it. */
function expectKnownStages(instructions: readonly Instruction[]): void {
  const known: string[] = []
  for (const { name, rest } of instructions) {
    if (name === 'FROM') {
      const [image = '', , stage = ''] = rest.split(' ')
      if (known.length > 0) expect(known).toContain(image)
      known.push(stage)
    }
    const from = /^--from=(\S+)/.exec(name === 'COPY' ? rest : '')?.[1]
    if (from !== undefined) expect(known).toContain(from)
  }
  expect(known.at(-1)).toBe('release')
}

describe('any folder and any blueprint', () => {
  it('give Dockerfiles whose instructions parse, and end with the stage that is released', () => {
    fc.assert(
      fc.property(cases, given => {
        const dockerfiles = dockerfilesOf(rendered(given))
        expect(dockerfiles.length).toBeGreaterThan(0)
        for (const instructions of dockerfiles) {
          expect(instructions.filter(({ name }) => !INSTRUCTIONS.includes(name))).toEqual([])
          for (const { name, rest } of instructions) {
            if (name === 'CMD') expect(JSON.parse(rest)).toEqual(expect.any(Array))
            if (name === 'HEALTHCHECK') {
              const [program, flag, script = ''] = JSON.parse(rest.slice(rest.indexOf('[')))
              expect([program, flag]).toEqual(['node', '-e'])
              expect(() => new Script(script)).not.toThrow()
            }
            if (name === 'COPY') expect(rest).toMatch(/^(?:--\S+ )*[\w@.+/-]+(?: [\w@.+/-]+)+$/)
          }
          expectKnownStages(instructions)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('give Compose files that parse, and keep every text as it was written', () => {
    fc.assert(
      fc.property(cases, given => {
        const files = rendered(given)
        for (const stage of ['dev', 'prod']) {
          const { services } = parse(files[`compose.${stage}.yaml`] ?? '')
          expect(Object.keys(services)).toEqual(['first', 'second'])
          for (const [name, text] of Object.entries(given.first.config ?? {})) {
            expect(services.first.environment[name].replaceAll('$$', '$')).toBe(text)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('give the same files each time', () => {
    fc.assert(
      fc.property(cases, given => {
        expect(rendered(given)).toEqual(rendered(given))
      }),
      { numRuns: 20 },
    )
  })
})
