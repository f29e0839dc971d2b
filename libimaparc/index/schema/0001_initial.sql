-- Step 1: the whole index. Derived from the ledgers at any time; no message data. Names are OCTETS: they compare as
-- bytes (UTF8 would pad "a" and "a " to the same key). Numbers of folders, users and stores are the ledger's, within an
-- owner. VERSION of a segment: a number within the owner, larger for newer contents.

-- What is true of the whole file. SCHEMA_VERSION: the number of the last step that was applied.
CREATE TABLE META (
    K VARCHAR(30) CHARACTER SET OCTETS NOT NULL PRIMARY KEY,
    V VARCHAR(200) CHARACTER SET OCTETS NOT NULL
);

-- An owner, and how far this file has applied its ledger (GENERATION, APPLIED). FACTS: users, their subscriptions,
-- stores, notes. FOLDERS and MESSAGES count what lives, for lists of owners.
CREATE TABLE OWNER (
    ID INTEGER NOT NULL PRIMARY KEY,
    NAME VARCHAR(1020) CHARACTER SET OCTETS NOT NULL UNIQUE,
    GENERATION BIGINT NOT NULL,
    APPLIED BIGINT NOT NULL,
    VERSION BIGINT NOT NULL,
    FOLDERS BIGINT NOT NULL,
    MESSAGES BIGINT NOT NULL,
    FACTS BLOB NOT NULL
);

-- One level of a folder's path. NUMBER is 0 for a level that only has folders below it; LIVING is 0 for a folder that
-- has gone from the stores and whose UIDVALIDITY and tombstones are remembered. BASE_MODSEQ: of the last message that
-- came or went; HIGHESTMODSEQ: the last one given, to flags of any user too; up to CEILING the ledger has reserved.
CREATE TABLE FOLDER (
    OWNER_ID INTEGER NOT NULL,
    LEVEL_ID INTEGER NOT NULL,
    PARENT INTEGER NOT NULL,
    NAME VARCHAR(1020) CHARACTER SET OCTETS NOT NULL,
    NUMBER INTEGER NOT NULL,
    LIVING SMALLINT NOT NULL,
    SELECTABLE SMALLINT NOT NULL,
    UIDVALIDITY BIGINT NOT NULL,
    UIDNEXT BIGINT NOT NULL,
    BASE_MODSEQ BIGINT NOT NULL,
    HIGHESTMODSEQ BIGINT NOT NULL,
    CEILING BIGINT NOT NULL,
    MESSAGES BIGINT NOT NULL,
    PRIMARY KEY (OWNER_ID, LEVEL_ID),
    UNIQUE (OWNER_ID, PARENT, NAME)
);

-- The messages of 4,096 UIDs: what a view counts with, and in DATA uid, size, date, store, message ID, seed, modseq.
CREATE TABLE SEGMENT (
    OWNER_ID INTEGER NOT NULL,
    FOLDER INTEGER NOT NULL,
    SEGMENT INTEGER NOT NULL,
    VERSION BIGINT NOT NULL,
    CNT INTEGER NOT NULL,
    FIRST_UID BIGINT NOT NULL,
    LAST_UID BIGINT NOT NULL,
    LEAST_DATE BIGINT NOT NULL,
    GREATEST_DATE BIGINT NOT NULL,
    MAX_MODSEQ BIGINT NOT NULL,
    SEED_UNSEEN INTEGER NOT NULL,
    SHAPE BIGINT NOT NULL,
    MEMBERSHIP BIGINT NOT NULL,
    DATA BLOB NOT NULL,
    PRIMARY KEY (OWNER_ID, FOLDER, SEGMENT)
);

-- The messages of 4,096 UIDs that are gone: for VANISHED (EARLIER), and for the day they come back.
CREATE TABLE TOMBSTONES (
    OWNER_ID INTEGER NOT NULL,
    FOLDER INTEGER NOT NULL,
    SEGMENT INTEGER NOT NULL,
    VERSION BIGINT NOT NULL,
    CNT INTEGER NOT NULL,
    MAX_MODSEQ BIGINT NOT NULL,
    DATA BLOB NOT NULL,
    PRIMARY KEY (OWNER_ID, FOLDER, SEGMENT)
);

-- What one user has made of a folder. DATA: the keyword table and the moves of the window.
CREATE TABLE OVERLAY (
    OWNER_ID INTEGER NOT NULL,
    FOLDER INTEGER NOT NULL,
    USER_NUMBER INTEGER NOT NULL,
    HIGHESTMODSEQ BIGINT NOT NULL,
    DATA BLOB NOT NULL,
    PRIMARY KEY (OWNER_ID, FOLDER, USER_NUMBER)
);

-- One user's flags on the messages of 4,096 UIDs.
CREATE TABLE OVERLAY_SEGMENT (
    OWNER_ID INTEGER NOT NULL,
    FOLDER INTEGER NOT NULL,
    USER_NUMBER INTEGER NOT NULL,
    SEGMENT INTEGER NOT NULL,
    VERSION BIGINT NOT NULL,
    CNT INTEGER NOT NULL,
    UNSEEN_DELTA INTEGER NOT NULL,
    MEMBERSHIP BIGINT NOT NULL,
    MAX_MODSEQ BIGINT NOT NULL,
    DATA BLOB NOT NULL,
    PRIMARY KEY (OWNER_ID, FOLDER, USER_NUMBER, SEGMENT)
);
