import { Buffer } from 'node:buffer'
import { execFile } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LogLine } from '../../target.ts'
import { splitLines } from './line-splitter.ts'

export interface OutputSink {
  readonly onLine: (stream: LogLine['stream'], text: string) => void
  /** Told of bytes that were read; holds the output while it is pending. */
  readonly hold: (bytes: number) => Promise<void> | undefined
}

/** An instance's output, read until the last process that can write there has ended. */
export interface InstanceOutput {
  /** Resolves when all of it has been read. */
  readonly ended: Promise<void>
}

export interface NewOutput extends InstanceOutput {
  /** Files for the process to write to. */
  readonly stdout: number
  readonly stderr: number
  /** Lets go of these files: from then on the process alone holds them. */
  handOver(): void
}

const STREAMS = ['stdout', 'stderr'] as const
const run = promisify(execFile)

/** For every pipe: reads are synchronous, and lines are copied out of it. One for each read would fragment the memory. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536)

/**
 * Makes the named pipes of an instance and begins to read them. The instance has both ends of each: writing never fails
 * for want of a reader, also while no agent is there, but waits once the pipe is full (64 KiB on Linux), until the next
 * agent reads on. So nothing of its output is on the disk before it is bounded there.
 */
export async function makeOutput(folder: string, sink: OutputSink): Promise<NewOutput> {
  await run('mkfifo', ['-m', '600', ...STREAMS.map(stream => pipePath(folder, stream))])
  const [stdout, stderr] = openAll(folder, constants.O_RDWR)
  const handOver = () => [stdout, stderr].forEach(file => closeSync(file))
  try {
    return { ...readOutput(folder, sink), stdout, stderr, handOver }
  } catch (error) {
    handOver()
    throw error
  }
}

/** Reads on where an earlier agent left off; fails where the pipes are not there any more. */
export function readOutput(folder: string, sink: OutputSink): InstanceOutput {
  const [stdout, stderr] = openAll(folder, constants.O_RDONLY | constants.O_NONBLOCK)
  const ends = [
    readLines(stdout, { ...sink, stream: 'stdout' }),
    readLines(stderr, { ...sink, stream: 'stderr' }),
  ]
  return { ended: Promise.all(ends).then(() => undefined) }
}

function openAll(folder: string, flags: number): readonly [stdout: number, stderr: number] {
  const stdout = openSync(pipePath(folder, 'stdout'), flags)
  try {
    return [stdout, openSync(pipePath(folder, 'stderr'), flags)]
  } catch (error) {
    closeSync(stdout)
    throw error
  }
}

function readLines(
  file: number,
  { stream, onLine, hold }: OutputSink & { stream: LogLine['stream'] },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const lines = splitLines(text => onLine(stream, text))
  const take = (bytes: number) => {
    lines.push(READ_BUFFER.subarray(0, bytes))
    const held = hold(bytes)
    held?.then(
      () => output.resume(),
      () => output.resume(),
    )
    return held === undefined
  }
  const output = new Socket({
    fd: file,
    readable: true,
    writable: false,
    onread: { buffer: READ_BUFFER, callback: take },
  })
  // A pipe that breaks ends the output; how the process ended is told by the process.
  output.on('error', () => undefined)
  output.on('close', () => {
    lines.end()
    resolve()
  })
  return promise
}

function pipePath(folder: string, stream: LogLine['stream']): string {
  return join(folder, `${stream}.pipe`)
}
