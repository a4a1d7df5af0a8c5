import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ScaleResult } from './scale/result.ts'
import { scaleTable } from './scale/table.ts'

const PROCESS = fileURLToPath(new URL('scale-process.ts', import.meta.url))
const SIZES = [10, 100, 1000, 3000]

/**
 * One control plane with its store on disk, and a target in memory that does everything at once: so many services in three
 * environments, all of them promoted in the same moment, then standing by, then 200 of them taken back at once.
 */
export async function run(options: { readonly json: boolean }): Promise<readonly ScaleResult[]> {
  const results: ScaleResult[] = []
  // One after the other, each in a process of its own: none finds the memory of the one before.
  for (const size of SIZES) {
    const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, String(size)])
    results.push(JSON.parse(stdout))
  }
  if (!options.json) console.log(scaleTable(results))
  return results
}
