import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build, type Metafile, type OutputFile, type Plugin } from 'esbuild'
import { thirdPartyText } from './third-party.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/**
 * Bundles everything that a user runs, dependencies included: the package needs nothing else, and starting it reads a
 * few files instead of hundreds. What a command does not need stays in a chunk of its own. `plugins` change what is built.
 */
export async function buildPackage(dist: string, plugins: readonly Plugin[] = []): Promise<void> {
  await rm(dist, { recursive: true, force: true })
  await mkdir(dist, { recursive: true })
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      sluice: 'src/cli/main.ts',
      agent: 'src/targets/local/agent/main.ts',
      blueprint: 'src/blueprint/define-blueprint.ts',
    },
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // Packages that ship both forms are taken as ES modules: what is not used of them is left out.
    mainFields: ['module', 'main'],
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    // Identifiers stay: names in stack traces are worth more than the bytes.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    write: false,
    plugins: [onlyEnglish, ...plugins],
  })
  await Promise.all(result.outputFiles.map(write))
  await chmod(join(dist, 'sluice.js'), 0o755)
  await writeFile(join(dist, 'THIRD-PARTY.txt'), await thirdPartyText(ROOT, packagesIn(result.metafile)))
  await writeTypes(dist)
  await copyTerraform(dist)
  report(dist, result.metafile)
}

/** Messages of zod in forty languages are half of its size, and every message that people see is ours. */
const onlyEnglish: Plugin = {
  name: 'only-english',
  setup(builder) {
    builder.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js'`,
    }))
  },
}

/** What is rendered with every blueprint; its tests stay at home, and so does what Terraform left where it ran. */
async function copyTerraform(dist: string): Promise<void> {
  await cp(join(ROOT, 'terraform'), join(dist, 'terraform'), {
    recursive: true,
    filter: path => !/[/\\](?:tests|\.terraform[^/\\]*)(?:[/\\]|$)/.test(path),
  })
}

async function write({ path, text }: OutputFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text.includes('typeof require') ? COMMONJS + text : text)
}

/** Packages in CommonJS ask for Node's own modules with require, which an ES module has to make first; one chunk does. */
const COMMONJS =
  "import{createRequire as sluiceCreateRequire}from'node:module';const require=sluiceCreateRequire(import.meta.url);"

/** What `defineBlueprint` takes, for editors; the types of zod, which they are made of, come with the package. */
async function writeTypes(dist: string): Promise<void> {
  const options = [
    '--declaration',
    '--emitDeclarationOnly',
    '--noEmit',
    'false',
    '--ignoreConfig',
    '--skipLibCheck',
  ]
  const language = ['--target', 'es2025', '--module', 'nodenext', '--strict', '--exactOptionalPropertyTypes']
  const files = [
    '--allowImportingTsExtensions',
    '--types',
    'node',
    '--rootDir',
    'src',
    '--outDir',
    join(dist, 'types'),
  ]
  await promisify(execFile)(
    join(ROOT, 'node_modules', '.bin', 'tsc'),
    [...options, ...language, ...files, 'src/blueprint/define-blueprint.ts'],
    { cwd: ROOT },
  )
}

/** Folders of the packages whose code is in the bundle. */
function packagesIn({ outputs }: Metafile): readonly string[] {
  const inputs = Object.values(outputs).flatMap(output => Object.keys(output.inputs))
  const folders = inputs.flatMap(input => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [])
  return [...new Set(folders)].toSorted()
}

function report(dist: string, { outputs }: Metafile): void {
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0)
  // Not to the output, which belongs to whoever has it built on the way.
  console.error(`${dist}: ${Object.keys(outputs).length} files, ${Math.round(bytes / 1000)} kB`)
}
