/** Keeps secret values. A version, once written, never changes: a release names the versions it was made with. */
export interface SecretStore {
  /** Undefined when the environment has no such secret. */
  currentVersion(environment: string, name: string): Promise<string | undefined>
  /** Fails where the version is missing; no message holds a value. */
  read(environment: string, name: string, version: string): Promise<string>
  /** Returns the new version. */
  write(environment: string, name: string, value: string): Promise<string>
  /** Names and current versions, sorted by name. */
  list(environment: string): Promise<readonly { readonly name: string; readonly version: string }[]>
}
