/** What a document can be, as its bytes say it. */
const DOCUMENT_TYPES = ['application/pdf', 'image/jpeg', 'image/png'] as const;
export type DocumentType = (typeof DOCUMENT_TYPES)[number];

/** What somebody sent to support a request for access, such as a copy of an identity document. */
export interface EvidenceDocument {
  /** Random: 22 or more of `A-Z a-z 0-9 _ -`. Nothing in it comes from whoever sent the document. */
  readonly id: string;
  /** Of the request it belongs to. Whose account that is about is not said here. */
  readonly reference: string;
  readonly type: DocumentType;
  readonly bytes: Buffer;
  /** When it was sent, ms since 1970, by the clock that `sweep` goes by. */
  readonly at: number;
}

/**
 * Documents that were sent to support requests for access. They stay with you: give a store that keeps them encrypted,
 * outside what your web server shows. Each is removed when its request is decided.
 */
export interface EvidenceStore {
  /** Stores a document. The same one may come again, after a rejection: then it is stored once. */
  put(document: EvidenceDocument): Promise<void>;
  /** null: there is none of this id. */
  get(id: string): Promise<EvidenceDocument | null>;
  /** Deletes a document. Deleting one that does not exist is not an error. */
  remove(id: string): Promise<void>;
  /**
   * Deletes all documents that were sent before that moment (ms): those of requests that are over, whose removal failed.
   *
   * @returns how many there were
   */
  sweep(before: number): Promise<number>;
}

/** Whether it is an id of a document; names of files are made of nothing else. */
export const isDocumentId = (id: string): boolean => /^[\w-]{22,64}$/.test(id);
