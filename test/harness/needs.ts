import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Whether a program that a test runs against is there. In CI a missing one is a failure that names the command
 * which installs it; elsewhere it is named once, and the test file leaves its tests out.
 */
export function needs(binary: string, installCommand: string): boolean {
  return isOnPath(binary) || lacks(`${binary} is not installed; install it with: ${installCommand}`)
}

/** The same answer for something else than a program; the message says what is missing and how to get it. */
export function lacks(message: string): false {
  if (process.env['CI'] === 'true') throw new Error(message)
  console.warn(`Left out: ${message}`)
  return false
}

function isOnPath(binary: string): boolean {
  // Debian keeps servers in sbin, which a plain user's PATH may not name.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some(folder => {
    try {
      accessSync(join(folder, binary), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
