//! Decoding and playing audio: from any seekable reader to PCM, to a sound device or a WAV file.
