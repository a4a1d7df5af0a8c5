export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** Gives keys that are good for minutes at least; the form in which the SDK's clients take them. */
export type AwsCredentials = () => Promise<AwsKeys>

export interface AwsRole {
  readonly arn: string
  readonly externalId?: string | undefined
  /** What CloudTrail shows for the session: 2 to 64 of letters, digits and `_+=,.@-`. */
  readonly sessionName: string
  /** The person on whose behalf it happens, in the same letters; stays with every session that follows from this one. */
  readonly sourceIdentity?: string | undefined
}
