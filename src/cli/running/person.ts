import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'

/** Who sits here: the mail address that git knows, which is what commits are signed with; else the user's name. */
export async function personHere(folder: string): Promise<string> {
  const mail = await new Promise<string>(resolve => {
    execFile('git', ['config', 'user.email'], { cwd: folder }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : ''),
    )
  })
  return mail === '' ? userInfo().username : mail
}
