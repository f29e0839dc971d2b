-- Step 1: the whole index. Derived from the ledgers at any time; no message data. Names are OCTETS: they compare as bytes
-- (UTF8 would pad "a" and "a " to the same key). Numbers of folders, users and stores are the ledger's, within an owner.

-- What is true of the whole file. SCHEMA_VERSION: the number of the last step that was applied.
CREATE TABLE META (
    K VARCHAR(30) CHARACTER SET OCTETS NOT NULL PRIMARY KEY,
    V VARCHAR(200) CHARACTER SET OCTETS NOT NULL
);

-- An owner, and how far this file has applied its ledger. Counters are for lists of owners.
CREATE TABLE OWNER (
    ID INTEGER NOT NULL PRIMARY KEY,
    NAME VARCHAR(1020) CHARACTER SET OCTETS NOT NULL UNIQUE,
    GENERATION BIGINT NOT NULL,
    APPLIED BIGINT NOT NULL,
    FOLDERS BIGINT NOT NULL,
    MESSAGES BIGINT NOT NULL
);

-- The ledger-wide small things of an owner, one BLOB a kind: users with their subscriptions, stores, notes, ceilings.
CREATE TABLE OWNER_PART (
    OWNER_ID INTEGER NOT NULL,
    KIND SMALLINT NOT NULL,
    DATA BLOB NOT NULL,
    PRIMARY KEY (OWNER_ID, KIND)
);

-- One level of a folder's path. FOLDER is 0 for a level that only has folders below it.
CREATE TABLE LEVEL (
    OWNER_ID INTEGER NOT NULL,
    ID INTEGER NOT NULL,
    PARENT INTEGER NOT NULL,
    NAME VARCHAR(1020) CHARACTER SET OCTETS NOT NULL,
    FOLDER INTEGER NOT NULL,
    PRIMARY KEY (OWNER_ID, ID),
    UNIQUE (OWNER_ID, PARENT, NAME)
);
