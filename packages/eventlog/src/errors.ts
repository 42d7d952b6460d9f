/** The log took no acknowledgement in time: the records may be stored or not. Say them again; readers ignore a repeat. */
export class LogUnavailable extends Error {
  readonly code = 'LOG_UNAVAILABLE'
}

/** The record alone, or a run that is to be stored whole, is larger than the log takes. Nothing of it was sent. */
export class RecordTooLarge extends Error {
  readonly code = 'RECORD_TOO_LARGE'
  constructor(topic: string, bytes: number, bytesMax: number, records = 1) {
    super(
      `${records === 1 ? 'A record' : `A run of ${records} records`} of ${bytes} bytes does not fit into ${topic}, which takes ${bytesMax}. Send less, or a reference to it.`,
    )
  }
}

/** `withPrevious` on a record that has no predecessor in its call, or one of another key: they cannot be stored in one batch. */
export class BrokenRun extends Error {
  readonly code = 'BROKEN_RUN'
  constructor(topic: string) {
    super(
      `A record for ${topic} is to be stored with the one before it, but there is none of its key. Give a run in one call, one behind the other.`,
    )
  }
}

/** A follower asks for records that retention has taken. */
export class PositionTooOld extends Error {
  readonly code = 'POSITION_TOO_OLD'
  constructor(topic: string, partition: number, wanted: bigint, start: bigint) {
    super(
      `${topic}/${partition} begins at offset ${start}; ${wanted} is no longer there. Read the present state, and follow from the end.`,
    )
  }
}

/** Another live process is in the group under this member's instance name, and took its place. This member went on without a name. */
export class InstanceNameTaken extends Error {
  readonly code = 'INSTANCE_NAME_TAKEN'
  constructor(group: string, instance: string) {
    super(
      `Another process is in the group ${group} under the name ${instance}. This one goes on without a name, and would be missed for 10 s if it were killed. Give each replica its own PARLEY_INSTANCE.`,
    )
  }
}

/** Two deployments share a namespace on one Kafka, and each has a database of its own: each would get a part of all streams. */
export class NamespaceShared extends Error {
  readonly code = 'NAMESPACE_SHARED'
  constructor(group: string) {
    super(
      `The group ${group} has members that keep what they read in another database than this process does: two deployments share a namespace. ` +
        'Each would get a part of all customers, so one of them gets none and ends. Give one another PARLEY_NAMESPACE or KAFKA_BROKERS, or both the same MONGODB_URI.',
    )
  }
}

/** Records that should be there are not: retention was faster than the reader, or the log lost its tail. */
export class LogGap extends Error {
  readonly code = 'LOG_GAP'
  constructor(topic: string, partition: number, expected: bigint, found: bigint) {
    super(
      `${topic}/${partition} goes on at offset ${found}, where ${expected} was expected: records are missing. ` +
        'A restart meets the same gap. Check the retention of the topic and whether the broker lost data: docs/runbooks/log-gap.md.',
    )
  }
}

/** The database lacks what this process wrote into it: it was emptied, or put back to an older copy, while a reader of it ran. */
export class StoreSetBack extends Error {
  readonly code = 'STORE_SET_BACK'
  constructor(collection: string) {
    super(
      `${collection} holds less than this process wrote there: the database was emptied, or put back to an older copy, under it. ` +
        'The next start reads again what is missing, but documents that were written since may lack events: docs/runbooks/log-gap.md.',
    )
  }
}

/** The topic, or the database, was begun with another partition count. Another one would send keys to other partitions and break their order. */
export class PartitionCountMismatch extends Error {
  readonly code = 'PARTITION_COUNT_MISMATCH'
  constructor(of: string, found: number, wanted: number) {
    super(
      `${of} has ${found} partitions, the settings say ${wanted}${found > wanted ? ', and those beyond are in use' : ''}. ` +
        'The count with which a namespace began is for ever: set PARLEY_PARTITIONS to it, or choose another PARLEY_NAMESPACE.',
    )
  }
}

/** The topic is there, and with its settings records would be lost, or refused, without a word to anybody. */
export class TopicSettingsUnsafe extends Error {
  readonly code = 'TOPIC_SETTINGS_UNSAFE'
  constructor(unsafe: readonly { topic: string; name: string; found: string; wanted: string }[]) {
    super(
      `${unsafe.map(({ topic, name, found, wanted }) => `${topic} has ${name}=${found}, and must have ${wanted}`).join('; ')}. ` +
        'With these settings records are lost or cannot be stored. Change them with kafka-configs.sh --alter: docs/runbooks/log-gap.md.',
    )
  }
}

/** The topic is not there: `ensureTopics` was not run, or the namespace is another. */
export class UnknownTopic extends Error {
  readonly code = 'UNKNOWN_TOPIC'
  constructor(topic: string) {
    super(`The topic ${topic} is not in the log. Run ensureTopics first, or check PARLEY_NAMESPACE.`)
  }
}

/** The group put this member out: its partitions belong to another now. */
export class MembershipLost extends Error {
  readonly code = 'MEMBERSHIP_LOST'
  constructor(group: string) {
    super(`This member is no longer in the group ${group}: stop the batch, it comes again at another member.`)
  }
}

/** The client of the log ended for a reason that trying again does not mend. */
export class LogClientCrashed extends Error {
  readonly code = 'LOG_CLIENT_CRASHED'
}

/** A setting of the log is missing or makes no sense. */
export class BadLogSettings extends Error {
  readonly code = 'BAD_LOG_SETTINGS'
}

export class LogClosed extends Error {
  readonly code = 'LOG_CLOSED'
  constructor() {
    super('The log was closed: it takes no more work.')
  }
}

/** The largest webhook that is taken is 3 MB, and a record holds its raw JSON beside what was read from it. `ensureTopics` sets the topics' limit above it. */
export const RECORD_BYTES_MAX = 8_000_000
