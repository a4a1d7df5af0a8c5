// npm run bench -- NAME [--json]: one measurement, printed for people or as one JSON document.
import { globSync } from 'node:fs'
import { basename } from 'node:path'

interface Bench {
  run(options: { readonly json: boolean }): Promise<unknown>
}

const names = globSync('bench/*.ts')
  .map(file => basename(file, '.ts'))
  .filter(name => name !== 'main' && !name.endsWith('-process'))
  .toSorted()
const [name] = process.argv.slice(2).filter(argument => !argument.startsWith('--'))
const json = process.argv.includes('--json')

if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- NAME [--json]\nNAME is one of: ${names.join(', ')}`)
  process.exitCode = 2
} else {
  const bench = (await import(`./${name}.ts`)) as Bench
  const result = await bench.run({ json })
  if (json) console.log(JSON.stringify(result, null, 2))
}
