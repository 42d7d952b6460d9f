/** A chain of five processes on a Kafka and a store, behind a simulator. Names of processes to pids. */
export interface Chain {
  readonly services: Readonly<Record<string, number>>
  readonly others: Readonly<Record<'kafka' | 'store' | 'simulator', number>>
  readonly simulatorUrl: string
  readonly kafkaBroker: string
  readonly storePort: number
  /** Of the services: where each serves its metrics. Absent: nobody tells. */
  readonly probes?: Readonly<Record<string, string>>
}
